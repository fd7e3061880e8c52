//! Everything that can be wrong with a cell or a household, with its code, its sentence and its
//! remedy.

use qb_base::Text;

/// What becomes of the row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The row was not imported.
    Refused,
    /// The row was imported; somebody should look.
    Warning,
    /// The row was imported after a safe repair.
    Repaired,
    /// The row was imported; the pattern is worth a question.
    Lead,
}

impl Severity {
    /// The word stored with a fault.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Warning => "warning",
            Self::Repaired => "repaired",
            Self::Lead => "lead",
        }
    }
}

macro_rules! issues {
    ($(
        $(#[$doc:meta])*
        $name:ident, $code:literal, $severity:ident,
        $zh:literal, $en:literal,
        $remedy_zh:literal, $remedy_en:literal;
    )*) => {
        /// A kind of fault; texts may hold `{label}`, `{value}` and other names that are filled in.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Issue {
            $($(#[$doc])* $name,)*
        }

        impl Issue {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The code clerks know it by: F1–F18, or a word.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// What becomes of a row with it.
            pub const fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)* }
            }

            /// What was found.
            pub const fn message(self) -> Text {
                match self { $(Self::$name => Text::fixed($zh, $en),)* }
            }

            /// What to do.
            pub const fn remedy(self) -> Text {
                match self { $(Self::$name => Text::fixed($remedy_zh, $remedy_en),)* }
            }
        }
    };
}

issues! {
    /// A required cell is blank.
    Required, "required", Refused,
        "“{label}”为空，此项必填。", "“{label}” is blank; it is required",
        "填上后重新导入本行。", "fill it in and import the row again";
    /// A 15-digit identity number was completed.
    IdFifteen, "F1", Repaired,
        "15位旧号已补为18位（{value}）。", "a number of 15 digits was completed to 18 ({value})",
        "无需处理；请在源表更新为18位。", "nothing to do; please update the source";
    /// Full-width characters, blanks or an apostrophe were removed from an identity number.
    IdFolded, "F2", Repaired,
        "号码中的全角字符、空格或撇号已去除（{value}）。", "full-width characters, blanks or an apostrophe were removed ({value})",
        "无需处理。", "nothing to do";
    /// Letters that look like digits were replaced; the check digit confirms it.
    IdLookAlike, "F3", Repaired,
        "号码中形近字符已更正，校验位相符（{value}）。", "look-alike characters were corrected and the check digit agrees ({value})",
        "无需处理；请在源表更正。", "nothing to do; please correct the source";
    /// A spreadsheet turned the number into a figure.
    IdDamaged, "F4", Refused,
        "证件号码被表格软件转成了数值（{value}），末几位已丢失，无法恢复。", "a spreadsheet turned the identity number into a figure ({value}); its last digits are lost and cannot be restored",
        "把该列设为“文本”格式，按原证件重新录入本行后导入。", "set the column to “text”, enter the number again from the \
        document and import the row";
    /// A number that a spreadsheet may have cut although its check digit fits.
    IdAsked, "F4", Warning,
        "证件号码末尾为000或顺序码为000（{value}），可能被表格软件截去了末几位，已按原样登记。", "the identity number ends in 000 or has the sequence 000 ({value}): a spreadsheet may have cut its last digits; it was taken as it is",
        "请对照原证件核对；不符的，更正后重新导入本行。", "compare it with the document; if it differs, correct it and import the row again";
    /// A number by which rows are found, turned into a figure or a day.
    KeyDamaged, "F4", Refused,
        "“{label}”被表格软件转成了数值或日期（{value}），末几位可能已丢失，无法恢复。", "a spreadsheet turned “{label}” into a figure or a day ({value}); its last digits may be lost and cannot be restored",
        "把该列设为“文本”格式，按原编号重新录入本行后导入。", "set the column to “text”, enter the number again and import the row";
    /// Wrappings, blanks or full-width characters were removed from such a number.
    KeyFolded, "F2", Repaired,
        "“{label}”中的全角字符、空格、撇号、引号或多余的小数已去除（{value}）。", "full-width characters, blanks, apostrophes, quotes or needless decimals were removed from “{label}” ({value})",
        "无需处理。", "nothing to do";
    /// A formula's quotes or an apostrophe around values of a column were removed.
    Unwrapped, "F2", Repaired,
        "“{label}”的内容外有等号引号或撇号（如{value}），已去除。", "values of “{label}” stand in formula quotes or behind an apostrophe (such as {value}); these were removed",
        "无需处理。", "nothing to do";
    /// An identity number of the wrong length.
    IdLength, "id_length", Refused,
        "证件号码应为18位（旧号15位、残疾人证20或22位），此处为{count}位（{value}）。", "an identity number has 18 characters (15 before 1999, a disability card 20 or 22); this has {count} ({value})",
        "按原证件补全后重新导入本行。", "complete it from the document and import the row again";
    /// An identity number with other characters than digits.
    IdCharacters, "id_characters", Refused,
        "证件号码含有数字和末位X以外的字符（{value}）。", "the identity number holds something other than digits and a final X ({value})",
        "按原证件更正后重新导入本行。", "correct it from the document and import the row again";
    /// The check digit is wrong.
    IdChecksum, "id_checksum", Refused,
        "证件号码校验位不符（{value}），至少有一位录错。", "the check digit does not fit ({value}): at least one digit is wrong",
        "按原证件逐位核对，更正后重新导入本行。", "compare it with the document digit by digit, correct it and import the row again";
    /// Digits 7 to 14 are no date.
    IdDate, "id_date", Refused,
        "证件号码第7至14位不是有效日期（{value}）。", "digits 7 to 14 of the identity number are not a date ({value})",
        "按原证件更正后重新导入本行。", "correct it from the document and import the row again";
    /// A stand-in number.
    IdPlaceholder, "id_placeholder", Refused,
        "证件号码是占位号（如全1、顺序号）：{value}。", "the identity number is a placeholder such as all ones or a sequence: {value}",
        "填写真实号码；确无证件的，在此列填写原因（如“未上户”）。", "enter the real number; where there is no document, \
        write the reason in this column";
    /// Kind or grade of a disability card is unknown.
    IdCard, "id_card", Refused,
        "残疾人证第19、20位应为类别1–7、等级1–4（{value}）。", "digits 19 and 20 of a disability card are a kind from 1 to \
        7 and a grade from 1 to 4 ({value})",
        "按原证件更正后重新导入本行。", "correct it from the document and import the row again";
    /// Age outside 0 to 120.
    IdAge, "id_age", Refused,
        "按证件号码推算，年龄不在0至120岁之间（{value}）。", "by the identity number the age lies outside 0 to 120 years ({value})",
        "核对出生日期，更正后重新导入本行。", "check the birth date, correct it and import the row again";
    /// The person has no identity number and the file says why.
    IdMissing, "id_missing", Warning,
        "此人没有证件号码（{value}），已按无证件登记。", "the person has no identity number ({value}) and was registered without one",
        "办理证件后补录。", "add the number when the document exists";
    /// A number was written in an unusual way.
    NumberWritten, "F6", Repaired,
        "“{label}”写作“{value}”，已按数值读取。", "“{label}” is written “{value}” and was read as a number",
        "请核对；以后只填数字。", "please check; enter digits only from now on";
    /// A number had more places than fit and was rounded.
    NumberRounded, "F6", Repaired,
        "“{label}”的小数位过多（{value}），已四舍五入。", "“{label}” has too many decimals ({value}) and was rounded",
        "请核对。", "please check";
    /// A text is no number.
    NumberText, "F6", Warning,
        "“{label}”应为数字，此处为“{value}”，按未填处理。", "“{label}” should be a number, it is “{value}”; taken as not stated",
        "改为数字后重新导入本行。", "enter a number and import the row again";
    /// A whole number with a fraction.
    NumberFraction, "F6", Warning,
        "“{label}”应为整数，此处为“{value}”，按未填处理。", "“{label}” should be a whole number, it is “{value}”; taken as not stated",
        "改为整数后重新导入本行。", "enter a whole number and import the row again";
    /// A number outside what the field can hold.
    NumberRange, "F6", Warning,
        "“{label}”超出可接受的范围（{value}），按未填处理。", "“{label}” lies outside the accepted range ({value}); taken as not stated",
        "核对单位和位数后重新导入本行。", "check unit and digits and import the row again";
    /// An amount whose unit nothing says.
    UnitUnknown, "unit", Refused,
        "“{label}”的金额单位无法确定（{value}）。", "the unit of “{label}” cannot be known ({value})",
        "在表头、表格上方（如“单位：万元”）或单元格内写明一种货币单位，然后重新导入本行。", "name one unit of money in the head, above the table (单位：万元) or in the cell and import the row again";
    /// A head that leaves out the unit that the layout's own head names.
    UnitLeftOut, "unit", Warning,
        "“{label}”没有写明金额单位，按版式的“{value}”读取。", "“{label}” names no unit of money; it was read in {value}, as the layout says",
        "请核对；如不是该单位，请在表头写明后重新导入。", "please check; if it is another unit, name it in the head and import again";
    /// A formula that failed.
    FormulaError, "formula_error", Warning,
        "“{label}”是公式错误（{value}），按未填处理。", "“{label}” is a formula error ({value}); taken as not stated",
        "修正公式或直接填写数值后重新导入本行。", "repair the formula or enter the value and import the row again";
    /// A formula whose value the file does not hold.
    FormulaNoValue, "formula_no_value", Warning,
        "“{label}”是公式，但文件里没有保存计算结果，按未填处理。", "“{label}” is a formula, and the file holds no result of it; taken as not stated",
        "用表格软件打开，重新计算并保存后再导入；或直接填写数值。", "open it in a spreadsheet program, let it calculate, save and import that; or enter the value";
    /// The same in a column that has to be filled in.
    FormulaNoValueRequired, "formula_no_value", Refused,
        "“{label}”是公式，但文件里没有保存计算结果。", "“{label}” is a formula, and the file holds no result of it",
        "用表格软件打开，重新计算并保存后再导入；或直接填写数值。", "open it in a spreadsheet program, let it calculate, save and import that; or enter the value";
    /// More text than a cell or a row may hold.
    CellTooLong, "cell_too_long", Warning,
        "“{label}”的内容过长（单元格或整行超过上限），未读取，按未填处理。", "“{label}” is too long (the cell or its row exceeds the limit) and was not read; taken as not stated",
        "缩短后重新导入本行。", "shorten it and import the row again";
    /// The same in a column that has to be filled in.
    CellTooLongRequired, "cell_too_long", Refused,
        "“{label}”的内容过长（单元格或整行超过上限），未读取。", "“{label}” is too long (the cell or its row exceeds the limit) and was not read",
        "缩短后重新导入本行。", "shorten it and import the row again";
    /// A number that the sheet shows as a date.
    NumberIsDate, "number_is_date", Warning,
        "“{label}”应为数字，表中却显示为日期（{meaning}，存储值{value}），疑为表格软件自动转换，按未填处理。", "“{label}” should be a number, the sheet shows a date ({meaning}, stored as {value}), as if a spreadsheet program had converted it; taken as not stated",
        "把该单元格设为“常规”或“数值”格式，重新填写后导入本行。", "set the cell to “general” or “number”, enter it again and import the row";
    /// The same in a column that has to be filled in.
    NumberIsDateRequired, "number_is_date", Refused,
        "“{label}”应为数字，表中却显示为日期（{meaning}，存储值{value}），疑为表格软件自动转换。", "“{label}” should be a number, the sheet shows a date ({meaning}, stored as {value}), as if a spreadsheet program had converted it",
        "把该单元格设为“常规”或“数值”格式，重新填写后导入本行。", "set the cell to “general” or “number”, enter it again and import the row";
    /// A number that the sheet shows as a percentage, in a column that does not count in per cent.
    NumberIsPercent, "number_is_percent", Warning,
        "“{label}”不是百分比列，表中却显示为百分比（存储值{value}），无法判断，按未填处理。", "“{label}” does not count in per cent, yet the sheet shows a percentage (stored as {value}); it cannot be told what is meant; taken as not stated",
        "把该单元格设为“常规”或“数值”格式，重新填写后导入本行。", "set the cell to “general” or “number”, enter it again and import the row";
    /// The same in a column that has to be filled in.
    NumberIsPercentRequired, "number_is_percent", Refused,
        "“{label}”不是百分比列，表中却显示为百分比（存储值{value}），无法判断。", "“{label}” does not count in per cent, yet the sheet shows a percentage (stored as {value}); it cannot be told what is meant",
        "把该单元格设为“常规”或“数值”格式，重新填写后导入本行。", "set the cell to “general” or “number”, enter it again and import the row";
    /// A percentage in a column that counts in per cent.
    PercentRead, "F6", Repaired,
        "“{label}”以百分比填写（{value}），已按百分数{meaning}读取。", "“{label}” is given as a percentage ({value}) and was read as {meaning} per cent",
        "无需处理；该列直接填写百分数即可。", "nothing to do; the column takes the number of per cent";
    /// The same in a required column.
    FormulaErrorRequired, "formula_error", Refused,
        "“{label}”是公式错误（{value}）。", "“{label}” is a formula error ({value})",
        "修正公式或直接填写后重新导入本行。", "repair the formula or enter the value and import the row again";
    /// A date written in an unusual way.
    DateWritten, "F5", Repaired,
        "“{label}”写作“{value}”，已读作{meaning}。", "“{label}” is written “{value}” and was read as {meaning}",
        "请核对。", "please check";
    /// A text is no date.
    DateText, "F5", Warning,
        "“{label}”不是可识别的日期（{value}），按未填处理。", "“{label}” is not a date known here ({value}); taken as not stated",
        "按“2016-05”或“2016-05-01”填写后重新导入本行。", "write it as 2016-05 or 2016-05-01 and import the row again";
    /// A date that can be read with the year or with the month first.
    DateAmbiguous, "F5", Warning,
        "“{label}”写作“{value}”，可读作不同的日期（{meaning}），按未填处理。", "“{label}” is written “{value}”, which can be read as different dates ({meaning}); taken as not stated",
        "按“2016-05-01”写出四位年份后重新导入本行。", "write the year with four digits, as in 2016-05-01, and import the row again";
    /// The same in a required column.
    DateAmbiguousRequired, "F5", Refused,
        "“{label}”写作“{value}”，可读作不同的日期（{meaning}）。", "“{label}” is written “{value}”, which can be read as different dates ({meaning})",
        "按“2016-05-01”写出四位年份后重新导入本行。", "write the year with four digits, as in 2016-05-01, and import the row again";
    /// A date after the day on which the office works.
    DateAhead, "F5", Warning,
        "“{label}”（{value}）晚于今天（{range}），按未填处理。", "“{label}” ({value}) lies after today ({range}); taken as not stated",
        "核对日期，更正后重新导入本行。", "check the date, correct it and import the row again";
    /// The same in a required column.
    DateAheadRequired, "F5", Refused,
        "“{label}”（{value}）晚于今天（{range}）。", "“{label}” ({value}) lies after today ({range})",
        "核对日期，更正后重新导入本行。", "check the date, correct it and import the row again";
    /// A year the pack does not cover.
    YearOutside, "year_outside", Refused,
        "年度{value}不在本策略包的范围内（{range}）。", "year {value} is not covered by this policy pack ({range})",
        "使用该年度的策略包导入，或更正年度。", "import with that year's policy pack, or correct the year";
    /// A table says a text where it should say a label of a list, and the label is known under
    /// another name.
    LabelAlias, "F13", Repaired,
        "“{label}”的“{value}”已对应到“{meaning}”。", "“{value}” in “{label}” was mapped to “{meaning}”",
        "无需处理。", "nothing to do";
    /// A label the list does not have.
    LabelUnknown, "F13", Warning,
        "“{label}”的“{value}”不在标准选项中，按未填处理。可选：{range}。", "“{value}” in “{label}” is not on the list; taken as not stated. The list has: {range}",
        "改为标准选项后重新导入本行。", "choose an option of the list and import the row again";
    /// A required label the list does not have.
    LabelUnknownRequired, "F13", Refused,
        "“{label}”的“{value}”不在标准选项中。可选：{range}。", "“{value}” in “{label}” is not on the list, which has: {range}",
        "改为标准选项后重新导入本行。", "choose an option of the list and import the row again";
    /// A required number that cannot be read.
    NumberTextRequired, "F6", Refused,
        "“{label}”应为数字，此处为“{value}”。", "“{label}” should be a number, it is “{value}”",
        "改为数字后重新导入本行。", "enter a number and import the row again";
    /// A required date or year that cannot be read.
    DateTextRequired, "F5", Refused,
        "“{label}”不是可识别的日期（{value}）。", "“{label}” is not a date known here ({value})",
        "按“2016”或“2016-05”填写后重新导入本行。", "write it as 2016 or 2016-05 and import the row again";
    /// An open text holds a number that identifies a person.
    PersonalNumber, "personal_number", Repaired,
        "“{label}”里有身份证件号、电话号码或银行卡号，已遮盖。", "“{label}” holds an identity number, a telephone number or a bank card; it was covered",
        "这类号码只填在专门的栏目里。", "write such numbers only in the columns made for them";
    /// The number of a thing is a number that identifies a person.
    PersonalKey, "personal_key", Refused,
        "“{label}”填的是身份证件号、电话号码或银行卡号。", "“{label}” holds an identity number, a telephone number or a bank card",
        "改填本身的编号后重新导入本行。", "enter the number of the thing itself and import the row again";
    /// The file says in words that there is no value.
    NullWord, "null_word", Repaired,
        "“{label}”写作“{value}”，按未填处理。", "“{label}” says “{value}”; taken as not stated",
        "无需处理；空白单元格即可表示未填。", "nothing to do; a blank cell means not stated";
    /// A merged or omitted area cell took the value above it.
    FilledDown, "F8", Repaired,
        "“{label}”为空（合并单元格），已沿用上一行的“{value}”。", "“{label}” is blank (merged cells); “{value}” of the row above was used",
        "请核对；导出时不要合并单元格。", "please check; do not merge cells when exporting";
    /// An area was recognised under another form of its name.
    AreaAlias, "F11", Repaired,
        "地区名“{value}”已对应到“{meaning}”。", "the area name “{value}” was recognised as “{meaning}”",
        "无需处理。", "nothing to do";
    /// An area that does not exist under the one above it.
    AreaUnknown, "F11", Refused,
        "“{label}”“{value}”在“{parent}”下查无此地区。", "there is no area “{value}” ({label}) below “{parent}”",
        "核对地区名称；属更名、撤并的，请先登记曾用名。", "check the name; if it was renamed or merged, register the former name first";
    /// A name that fits several areas.
    AreaAmbiguous, "F11", Refused,
        "“{label}”“{value}”在“{parent}”下对应多个地区。", "“{value}” ({label}) fits several areas below “{parent}”",
        "写全称（含村委会、社区居委会）或12位代码。", "write the full name or the 12-digit code";
    /// An area outside what the person who imports may write.
    AreaOutside, "area_outside", Refused,
        "该行属于您管辖范围之外的地区。", "the row belongs to an area outside your scope",
        "请由所属地区的工作人员导入。", "let the staff of that area import it";
    /// A key or number that stands outside what the person who imports may write: never where.
    UsedElsewhere, "used_elsewhere", Refused,
        "该编号或证件号码已在您管辖范围之外使用。", "the number is already used outside your scope",
        "请核对号码；确属本地的，请市级工作人员核实并处理。", "check the number; if it is right, ask the city office to look into it";
    /// No more answers about what stands elsewhere today.
    AskTheCity, "ask_the_city", Refused,
        "今日核对号码的次数已用完，该行未导入。", "today's answers about numbers used elsewhere are spent; the row was not imported",
        "请市级工作人员核实后导入，或明日重新导入本文件。", "ask the city office to check and import it, or import the file again tomorrow";
    /// A file that is tried again says otherwise than a row that came after it.
    NewerStands, "newer_stands", Warning,
        "之后已有更新的内容，本行未改动现有记录。", "something newer came since; the row changed nothing",
        "以新内容为准；如应以本行为准，请单独更正。", "the newer content counts; correct it if this row is right";
    /// Somebody else saved the row while it was being corrected.
    RowChanged, "row_changed", Refused,
        "该行在您填写期间已由他人修改。", "somebody else saved the row while you were correcting it",
        "查看现有内容后再更正。", "look at what stands now, then correct it";
    /// Invisible characters were removed from a text.
    TextFolded, "F2", Repaired,
        "“{label}”中的空格、换行或不可见字符已去除（{value}）。", "blanks, line ends or invisible characters were removed from “{label}” ({value})",
        "无需处理。", "nothing to do";
    /// A character of a name was lost.
    NameDamaged, "F9", Warning,
        "姓名中有字符丢失或为自造字（{value}），已按原样保存。", "a character of the name was lost or is private ({value}); the name was kept as it is",
        "按户口簿补正生僻字。", "add the rare character from the household booklet";
    /// A text that is no name.
    NameText, "name_text", Refused,
        "“{label}”不像姓名（含数字或过长）：{value}。", "“{label}” is not a name (it holds digits or is too long): {value}",
        "检查是否错列，更正后重新导入本行。", "check whether columns are shifted, correct it and import the row again";
    /// A text that is no phone number.
    PhoneText, "phone", Warning,
        "“{label}”不是有效的电话号码（{value}），按未填处理。", "“{label}” is not a phone number ({value}); taken as not stated",
        "更正后重新导入本行。", "correct it and import the row again";
    /// A phone number was cleaned.
    PhoneFolded, "F2", Repaired,
        "“{label}”已去除分隔符或多余号码（{value}）。", "separators or a second number were removed from “{label}” ({value})",
        "无需处理。", "nothing to do";
    /// A member row without household number.
    Orphan, "F12", Refused,
        "成员行没有户编号，无法归户。", "the member's row has no household number and belongs to no household",
        "补填户编号后重新导入本行。", "fill in the household number and import the row again";
    /// A household without a head.
    HeadMissing, "F12", Warning,
        "本户没有户主。", "the household has no head",
        "核对与户主关系，每户应有且只有一名户主。", "check the relations: a household has exactly one head";
    /// A household with two heads.
    HeadTwice, "F12", Warning,
        "本户有{count}名户主。", "the household has {count} heads",
        "核对与户主关系，每户应有且只有一名户主。", "check the relations: a household has exactly one head";
    /// The declared number of members differs from the rows.
    MembersDiffer, "F12", Warning,
        "登记人数为{value}，实际{count}行。", "{value} members are declared, {count} rows were found",
        "核对人数或补充漏报成员。", "check the number or add the missing members";
    /// A household's rows lie in two places.
    HouseholdSplit, "F12", Refused,
        "户编号{value}已属于另一个村的户。", "the household number {value} already belongs to a household of another village",
        "核对户编号；确已迁来的户，按原户编号和人编号连同全部成员报送，即按迁移登记。", "check the number; a household that moved here is sent with its former numbers and all its members, and is then registered as moved";
    /// The household went into another, or the split it came of was undone.
    HouseholdOver, "household_over", Refused,
        "户编号{value}的户已并入其他户，或其分户已撤销。", "the household with the number {value} went into another, or the split it came of was undone",
        "按成员现在所属的户编号报送；要恢复原户的，先撤销并户或重新申报分户。", "send its members under the household they belong to now; undo the event, or state it again, where the household is to go on";
    /// The person is already registered elsewhere.
    DuplicatePerson, "F14", Refused,
        "同一证件号码已登记在另一户：{place}。", "the same identity number is already registered in another household: {place}",
        "核实此人属于哪一户，在另一户办理变更后再导入。", "find out which household the person belongs to and change the other one first";
    /// A known person number with another name and another identity number.
    PersonConflict, "F14", Refused,
        "人编号已登记为另一人，姓名和证件号码都不同（{value}；登记于{place}），原登记未改动。", "the person number belongs to somebody with another name and another identity number ({value}; registered by {place}); the register was not changed",
        "核对人编号：录错的更正后重新导入；换了人的，给新成员新的人编号。", "check the number: correct it, or give a new member a new number, and import the row again";
    /// Two rows have the same person number.
    DuplicateNumber, "F14", Refused,
        "人编号{value}与另一行重复：{place}。", "the person number {value} is the same as in another row: {place}",
        "核对人编号，更正后重新导入本行。", "check the number, correct it and import the row again";
    /// Two rows state the same key.
    DuplicateRow, "F14", Refused,
        "与另一行重复：{place}。", "the row repeats another: {place}",
        "保留一行，更正后重新导入。", "keep one of the rows and import again";
    /// The household is not registered.
    HouseholdUnknown, "household_unknown", Refused,
        "户编号{value}不在您管辖范围的登记册中。", "the household number {value} is not in the register of your area",
        "先导入登记册，或更正户编号。", "import the register first, or correct the number";
    /// A row of a dataset names a household that is not registered.
    LinkHousehold, "household_unlinked", Warning,
        "户编号{value}不在您管辖范围的登记册中，该行已保留，未关联到户。", "the household number {value} is not in the register of your area; the row was kept without a link",
        "核对户编号；登记后重新导入本文件即可关联。", "check the number; import the file again after the household is registered";
    /// A row of a dataset names a person who is not registered.
    LinkPerson, "person_unlinked", Warning,
        "证件号码（{value}）不在您管辖范围的登记册中，该行已保留，未关联到人。", "the identity number ({value}) is not in the register of your area; the row was kept without a link",
        "核对证件号码；登记后重新导入本文件即可关联。", "check the number; import the file again after the person is registered";
    /// The household is registered in another village.
    HouseholdElsewhere, "household_elsewhere", Warning,
        "户编号{value}登记在另一个村，按登记册归属。", "the household {value} is registered in another village; the register was followed",
        "核对村名。", "check the village";
    /// No item of the statement is filled in.
    StatementBlank, "statement_blank", Refused,
        "收入支出各项全为空。", "no item of income or cost is filled in",
        "填写后重新导入本行；确无收入的填0。", "fill it in and import the row again; write 0 where there was none";
    /// The stated net income differs from the items.
    NetDiffers, "net_differs", Warning,
        "填报纯收入{value}元，按各项计算为{meaning}元，以各项为准。", "net income is stated as {value} yuan, the items give {meaning} yuan; the items count",
        "核对各项金额。", "check the items";
    /// Income of two years is the same to the fen.
    YearsEqual, "F17", Lead,
        "两年收入各项完全相同，疑为复制上年数据。", "all items are the same in both years, as if last year's had been copied",
        "入户核实当年收入。", "verify this year's income on site";
    /// Many values just above a threshold.
    Heaping, "F18", Lead,
        "{count}户的人均收入落在{range}元之间，约为邻近区间的{value}倍。", "{count} households have an income per head within {range} yuan, about {value} times the neighbouring bands",
        "抽查这些户的收入核算。", "spot-check the statements of these households";
    /// Title, notes or subtotal rows were left out.
    RowsLeftOut, "F7", Repaired,
        "标题、表头、合计、备注等{count}行不是数据，未导入。", "{count} rows of title, head, totals or notes are no data and were left out",
        "无需处理。", "nothing to do";
    /// The text was not UTF-8.
    Encoding, "F15", Repaired,
        "文件编码为{value}，已按此读取。", "the file is encoded in {value} and was read so",
        "无需处理。", "nothing to do";
    /// Characters were damaged in transfer.
    CharactersDamaged, "F15", Warning,
        "“{label}”含有损坏的字符（{value}），按原样保存。", "“{label}” holds damaged characters ({value}) and was kept as it is",
        "用原系统重新导出后导入。", "export again from the source and import that";
    /// Hidden sheets were left out.
    SheetHidden, "F16", Warning,
        "隐藏的工作表“{value}”未读取。", "the hidden sheet “{value}” was not read",
        "需要导入的，请取消隐藏后重新导入。", "unhide it and import again if it is meant";
    /// A sheet without a known head.
    SheetUnknown, "F16", Warning,
        "工作表“{value}”没有可识别的表头，未读取。", "the sheet “{value}” has no head known here and was not read",
        "需要导入的，请按版式填写表头。", "give it the head of a layout if it is meant";
    /// A sheet of a known layout that lacks a column or has one twice; its own sentence says it.
    SheetRefused, "sheet", Refused,
        "工作表未读取。", "the sheet was not read",
        "更正表头后重新导入。", "correct the head and import again";
    /// A sheet that somebody else sends; its own sentence says who.
    SheetNotSent, "sheet_sender", Refused,
        "工作表“{value}”由其他单位报送，未读取。", "the sheet “{value}” is sent by another office and was not read",
        "请转给报送单位，由其提交。", "pass it to those who send it";
    /// Hidden rows were read.
    RowsHidden, "F16", Warning,
        "{count}行在表中被隐藏或筛选，已照常导入。", "{count} rows are hidden or filtered in the sheet; they were imported all the same",
        "如不应导入，请删除后重新导入。", "delete them and import again if they are not meant";
    /// Cells right of the last column that is read.
    CellsBeyond, "cells_beyond", Warning,
        "有{count}个单元格在第{range}列以右，未读取。", "{count} cells lie right of column {range} and were not read",
        "把需要的内容移到前面的列后重新导入。", "move what is meant to the columns before it and import again";
    /// Values of formulas that may never have been calculated.
    FormulasUncalculated, "formula_uncalculated", Warning,
        "有{count}个公式的值由生成文件的程序填写，未经表格软件计算，可能不对。", "{count} formulas hold values put there by the program that made the file, not calculated by a spreadsheet program; they may be wrong",
        "用表格软件打开，重新计算并保存后再导入；或核对这些数值。", "open it in a spreadsheet program, let it calculate, save and import that; or check the values";
    /// All times of day of a column are 16:00: midnight in China, written in UTC.
    TimesUtc, "times_utc", Lead,
        "“{label}”有{count}个日期都带有16:00的时刻，疑为程序按世界时（UTC）写入，日期可能早了一天。", "{count} dates of “{label}” all have the time 16:00, as if a program had written them in UTC: they may be a day early",
        "与原件核对这些日期；如早一天，请更正后重新导入。", "compare the dates with the documents; if they are a day early, correct them and import again";
    /// Times of day of a column of dates.
    TimesLeftOut, "times_left_out", Lead,
        "“{label}”有{count}个日期带有时刻，只保存了日期。", "{count} dates of “{label}” have a time of day; only the day was kept",
        "请核对日期。", "check the dates";
    /// A column nobody reads.
    ColumnUnknown, "column_unknown", Warning,
        "“{label}”列不在版式中，未读取。", "column “{label}” is not part of the layout and was not read",
        "无需处理；如为新版式，请先登记。", "nothing to do; register the layout first if it is a new one";
    /// A row of a ledger whose label is unknown.
    LedgerItemUnknown, "F13", Warning,
        "项目“{value}”不在台账科目中，未导入。", "“{value}” is no item of the ledger and was not imported",
        "按台账科目填写。", "use the items of the ledger";
    /// A ledger with an amount that cannot be read.
    LedgerBroken, "ledger_broken", Refused,
        "台账有无法读取的金额，整张表未导入，原有台账不变。", "the ledger holds an amount that cannot be read; nothing of it was imported, the earlier ledger stays",
        "更正所列金额后，把整张表重新导入。", "correct the amounts listed and import the whole form again";
    /// A sum printed in the form differs from its parts.
    LedgerSumDiffers, "ledger_sum", Warning,
        "“{label}”填报{value}元，按各项计算为{meaning}元，以各项为准。", "“{label}” is stated as {value} yuan, the items give {meaning} yuan; the items count",
        "核对各项金额。", "check the items";
    /// A village's ledger was already read from another file.
    LedgerTwice, "F14", Refused,
        "该村该年度的台账已由另一文件填报：{place}。", "the ledger of this village and year was already given by another file: {place}",
        "保留一份，删除另一份后重新导入。", "keep one of the files and import again";
}
