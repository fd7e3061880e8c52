// The parts of ECharts the pages use (choropleth, bars, lines, flows; canvas renderer), as one script.
// Rebuild: npm install echarts@6.1.0 esbuild@0.28.2 &&
//   npx esbuild echarts-qibang.mjs --bundle --minify --format=iife --target=es2018 --outfile=echarts-qibang.min.js
import { use, init, registerMap } from "echarts/core";
import { MapChart, BarChart, LineChart, SankeyChart } from "echarts/charts";
import {
  AriaComponent, GridComponent, MarkLineComponent, TooltipComponent, VisualMapComponent,
} from "echarts/components";
import { LabelLayout } from "echarts/features";
import { CanvasRenderer } from "echarts/renderers";
use([
  MapChart, BarChart, LineChart, SankeyChart, AriaComponent, GridComponent, MarkLineComponent, TooltipComponent,
  VisualMapComponent, LabelLayout, CanvasRenderer,
]);
globalThis.echarts = { init, registerMap };
