// What the pages do beyond plain HTML: charts, dropping files, showing progress. Reading works without it.
(function () {
  "use strict";

  function token(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  // Choropleth of the table it names; the table stays the source of its numbers.
  function drawMap(box) {
    if (!window.echarts) return;
    fetch(box.dataset.map).then(function (answer) { return answer.json(); }).then(function (shapes) {
      window.echarts.registerMap("counties", shapes);
      var chart = window.echarts.init(box, null, { renderer: "canvas" });
      var picker = document.getElementById(box.dataset.measure);
      function show() { chart.setOption(mapOption(readTable(box.dataset.table, picker)), true); }
      if (picker) picker.addEventListener("change", show);
      chart.on("click", function (event) {
        if (event.data && event.data.href) window.location.href = event.data.href;
      });
      window.addEventListener("resize", function () { chart.resize(); });
      if (window.matchMedia) {
        window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", show);
      }
      show();
    });
  }

  function readTable(id, picker) {
    var measure = picker ? Number(picker.value) : 0;
    var rows = document.querySelectorAll("#" + id + " tbody tr");
    return Array.prototype.map.call(rows, function (row) {
      var link = row.querySelector("a");
      var cell = row.querySelectorAll("td[data-value]")[measure];
      return {
        name: row.dataset.name,
        href: link ? link.getAttribute("href") : "",
        value: cell ? Number(cell.dataset.value) : 0,
        text: cell ? cell.textContent.trim() : ""
      };
    });
  }

  // Bounds that put as many counties into each shade as into the next.
  function quantiles(values, shades) {
    var sorted = values.slice().sort(function (a, b) { return a - b; });
    var bounds = [];
    for (var i = 1; i < shades; i += 1) {
      bounds.push(sorted[Math.floor(i * sorted.length / shades)]);
    }
    return [sorted[0]].concat(bounds, [sorted[sorted.length - 1]]).filter(function (value, at, all) {
      return at === 0 || value !== all[at - 1];
    });
  }

  function mix(low, high, share) {
    function part(hex, at) { return parseInt(hex.slice(at, at + 2), 16); }
    return "#" + [1, 3, 5].map(function (at) {
      var value = Math.round(part(low, at) + (part(high, at) - part(low, at)) * share);
      return value.toString(16).padStart(2, "0");
    }).join("");
  }

  function pieces(values) {
    var bounds = quantiles(values, 5);
    var low = token("--qb-map-low");
    var high = token("--qb-map-high");
    var last = Math.max(1, bounds.length - 2);
    return bounds.slice(0, -1).map(function (from, at) {
      var isLast = at === bounds.length - 2;
      var piece = { gte: from, color: mix(low, high, at / last) };
      piece[isLast ? "lte" : "lt"] = bounds[at + 1];
      piece.label = from.toLocaleString("en-US") + "–" + bounds[at + 1].toLocaleString("en-US");
      return piece;
    }).reverse();
  }

  function mapOption(data) {
    var ink = token("--qb-ink");
    var values = data.map(function (county) { return county.value; });
    return {
      animation: false,
      aria: { enabled: true },
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: ink },
      tooltip: {
        renderMode: "richText",
        formatter: function (event) { return event.name + "  " + (event.data ? event.data.text : "—"); }
      },
      visualMap: {
        type: "piecewise", pieces: pieces(values), left: 0, bottom: 0, itemWidth: 14, itemHeight: 10,
        textStyle: { color: token("--qb-muted"), fontSize: 12 }
      },
      series: [{
        type: "map", map: "counties", nameProperty: "name", data: data, roam: false,
        labelLayout: { hideOverlap: true },
        top: 8, bottom: 8, left: 60, right: 8,
        label: { show: true, fontSize: 12, color: ink, textBorderColor: token("--qb-paper"), textBorderWidth: 2 },
        itemStyle: { borderColor: token("--qb-paper"), borderWidth: 1, areaColor: token("--qb-shade") },
        emphasis: { label: { color: ink }, itemStyle: { areaColor: token("--qb-accent-soft") } },
        select: { disabled: true }
      }]
    };
  }

  // Flow of money between the nodes of its links; the tables below hold the same numbers.
  function drawFlow(box) {
    if (!window.echarts) return;
    var rows = JSON.parse(box.dataset.flow);
    var names = {};
    rows.forEach(function (row) { names[row[0]] = true; names[row[1]] = true; });
    var chart = window.echarts.init(box, null, { renderer: "canvas" });
    chart.setOption({
      animation: false,
      aria: { enabled: true },
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: token("--qb-ink") },
      tooltip: { renderMode: "richText", valueFormatter: function (value) { return value.toLocaleString("en-US") + " 元"; } },
      series: [{
        type: "sankey", left: 8, right: 120, top: 8, bottom: 8, nodeGap: 10, draggable: false,
        data: Object.keys(names).map(function (name) { return { name: name }; }),
        links: rows.map(function (row) { return { source: row[0], target: row[1], value: row[2] }; }),
        label: { color: token("--qb-ink"), fontSize: 12 },
        itemStyle: { color: token("--qb-accent"), borderWidth: 0 },
        lineStyle: { color: "source", opacity: 0.25 }
      }]
    });
    window.addEventListener("resize", function () { chart.resize(); });
  }

  // Files dropped anywhere on the box land in its file field.
  function takeDrops(box) {
    var field = box.querySelector("input[type=file]");
    ["dragover", "dragenter"].forEach(function (kind) {
      box.addEventListener(kind, function (event) { event.preventDefault(); box.classList.add("is-over"); });
    });
    box.addEventListener("dragleave", function () { box.classList.remove("is-over"); });
    box.addEventListener("drop", function (event) {
      event.preventDefault();
      box.classList.remove("is-over");
      field.files = event.dataTransfer.files;
    });
  }

  // Close the list of found areas when the reader goes elsewhere.
  function closeFound(event) {
    var box = document.getElementById("area-found");
    if (box && !box.parentElement.contains(event.target)) box.textContent = "";
  }

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("[data-map]").forEach(drawMap);
    document.querySelectorAll("[data-flow]").forEach(drawFlow);
    document.querySelectorAll(".qb-drop").forEach(takeDrops);
    document.querySelectorAll("[data-print]").forEach(function (button) {
      button.addEventListener("click", function () { window.print(); });
    });
    document.addEventListener("click", closeFound);
    document.addEventListener("keydown", function (event) {
      if (event.key === "Escape") {
        var box = document.getElementById("area-found");
        if (box) box.textContent = "";
        document.querySelectorAll("details.qb-who[open]").forEach(function (menu) { menu.open = false; });
      }
    });
  });
}());
