//! Who sends which file, as the pack says it.

use qb_access::Role;
use qb_base::Text;
use qb_policy::Layout;

use crate::error::FileFault;
use crate::plan::{LeftOut, Planned, Unread};

/// Why a role's file of a layout is not taken; nothing where the role sends such files.
///
/// The names in the pack decide, not the level of the office: a city office does not send what an
/// outside survey found.
pub fn refusal(layout: &Layout, role: Role) -> Option<FileFault> {
    if layout.is_sent_by(role.code()) {
        return None;
    }
    let senders = roles(&layout.senders);
    let (own, title) = (role.label(), &layout.title);
    Some(FileFault::new(
        "file_sender",
        Text::new(
            format!("“{}”由{}报送，您的角色是{}，未导入。", title.zh, senders.zh, own.zh),
            format!(
                "“{}” is sent by: {}; your role is {}, nothing was imported from it",
                title.en, senders.en, own.en
            ),
        ),
        Text::fixed(
            "请转给报送单位，由其提交；分工有变的，请市扶贫办修改策略包中的“sender”。",
            "pass it to those who send it; where duties changed, ask the city to change `sender` in the pack",
        ),
    ))
}

/// The names of roles by their codes, joined with each language's comma.
pub fn roles(codes: &[String]) -> Text {
    let labels: Vec<Text> =
        codes.iter().filter_map(|code| Role::parse(code).ok()).map(Role::label).collect();
    let join = |get: fn(&Text) -> &str, comma: &str| {
        labels.iter().map(get).collect::<Vec<_>>().join(comma)
    };
    Text::new(join(|text| &text.zh, "、"), join(|text| &text.en, ", "))
}

/// Leaves out the sheets that a role does not send; a file of nothing else is refused.
pub(crate) fn admit(mut file: Planned, sender: Option<Role>) -> Result<Planned, FileFault> {
    let Some(role) = sender else { return Ok(file) };
    let mut first = None;
    let left_out = &mut file.left_out;
    file.sheets.retain(|sheet| match refusal(&sheet.detected.columns.layout, role) {
        None => true,
        Some(fault) => {
            let why = Unread::NotSent(fault.clone());
            left_out.push(LeftOut { name: sheet.name.clone(), why });
            first.get_or_insert(fault);
            false
        }
    });
    match first.filter(|_| file.sheets.is_empty()) {
        Some(fault) => Err(fault),
        None => Ok(file),
    }
}
