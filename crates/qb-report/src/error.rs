//! What can go wrong while a report is made, and what the reader can do about it.

use qb_base::Text;
use qb_base::personal::PersonalNumber;

/// A report could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// A text holds a personal number; nothing was written.
    #[error("{}", self.text())]
    PersonalData {
        /// Where in the report.
        place: String,
        /// What kind of number.
        kind: PersonalNumber,
    },
    /// No font has these characters; they would vanish from the page.
    #[error("{}", self.text())]
    MissingGlyph {
        /// The code points, as `U+20BB7`.
        code_points: String,
    },
    /// A font file cannot be read.
    #[error("{}", self.text())]
    Font {
        /// The name of the file.
        file: String,
    },
    /// The pack's report template is wrong or missing.
    #[error("{}", self.text())]
    Template {
        /// The file in the pack.
        file: String,
        /// What is wrong.
        detail: String,
    },
    /// A figure's text, rounding or expression cannot be understood.
    #[error("{}", self.text())]
    Figure {
        /// The id of the fact or contradiction.
        id: String,
        /// What is wrong.
        detail: String,
    },
    /// A report made from example data was to get a document number.
    #[error("{}", self.text())]
    NumberOfExample,
    /// The store cannot be read or written.
    #[error("{}", self.text())]
    Store(#[from] qb_store::StoreError),
    /// The newest run cannot be read.
    #[error("{}", self.text())]
    Targeting(#[from] qb_targeting::TargetingError),
    /// The snapshot cannot be read.
    #[error("{}", self.text())]
    Engine(#[from] qb_engine::EngineError),
    /// The workbook cannot be written.
    #[error("{}", self.text())]
    Workbook(#[from] rust_xlsxwriter::XlsxError),
    /// The text document cannot be written.
    #[error("{}", self.text())]
    Document(String),
    /// A stored report cannot be read or a new one not encoded.
    #[error("{}", self.text())]
    Stored(#[from] serde_json::Error),
    /// A file cannot be read or written.
    #[error("{}", self.text())]
    File {
        /// The name of the file.
        file: String,
        /// The reason given by the system.
        #[source]
        source: std::io::Error,
    },
}

impl ReportError {
    /// The message in both languages: what, where, why, what to do.
    pub fn text(&self) -> Text {
        match self {
            Self::PersonalData { place, kind } => Text::fixed(
                "报告“{place}”处含有{kind_zh}，已停止生成，未写出任何文件。请在来源处删去后重试。",
                "the report holds {kind_en} at {place}; nothing was written, remove it at its source and try again",
            )
            .fill(&[("place", place), ("kind_zh", &kind.text().zh), ("kind_en", &kind.text().en)]),
            Self::MissingGlyph { code_points } => Text::fixed(
                "字体缺少字符 {points}，印出来会是空白。请把含这些字的字体文件放进数据目录的 fonts 文件夹后重试。",
                "no font has the characters {points}, they would be printed blank; put a font file that has them into the folder fonts of the data directory",
            )
            .fill(&[("points", code_points)]),
            Self::Font { file } => Text::fixed(
                "字体文件 {file} 无法读取。请换成 TTF 或 OTF 静态字体。",
                "the font file {file} cannot be read; use a static TTF or OTF font",
            )
            .fill(&[("file", file)]),
            Self::Template { file, detail } => Text::fixed(
                "报告模板 {file} 有误：{detail}。请修改策略包后重试。",
                "the report template {file} is wrong: {detail}; correct the policy pack and try again",
            )
            .fill(&[("file", file), ("detail", detail)]),
            Self::Figure { id, detail } => Text::fixed(
                "指标 {id} 无法计算：{detail}。请检查策略包中的定义。",
                "figure {id} cannot be computed: {detail}; check its definition in the policy pack",
            )
            .fill(&[("id", id), ("detail", detail)]),
            Self::NumberOfExample => Text::fixed(
                "示例数据的报告不是公文，不能编文号。请不带文号重新生成。",
                "a report on example data is no official document and gets no document number; make it without one",
            ),
            Self::Store(source) => source.text(),
            Self::Targeting(source) => source.text(),
            Self::Engine(source) => source.text(),
            Self::Workbook(source) => Text::fixed(
                "工作簿无法生成：{detail}。",
                "the workbook cannot be made: {detail}",
            )
            .fill(&[("detail", &source.to_string())]),
            Self::Document(detail) => Text::fixed(
                "文字文档无法生成：{detail}。",
                "the text document cannot be made: {detail}",
            )
            .fill(&[("detail", detail)]),
            Self::Stored(source) => Text::fixed(
                "已保存的报告无法读取：{detail}。请重新生成年度报告。",
                "the stored report cannot be read: {detail}; make the annual report again",
            )
            .fill(&[("detail", &source.to_string())]),
            Self::File { file, source } => Text::fixed(
                "文件 {file} 无法读写：{detail}。请检查权限和磁盘空间。",
                "file {file} cannot be read or written: {detail}; check permissions and free space",
            )
            .fill(&[("file", file), ("detail", &source.to_string())]),
        }
    }
}
