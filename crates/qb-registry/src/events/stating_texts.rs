//! What is said of a statement that is not as it should be, and what to do.

use qb_base::Text;

use super::stating::Said;

pub(super) const OTHER_STATING: Text = Text::fixed(
    "您的角色不申报此类变动；请转给策略包中列明的角色",
    "your role does not state this kind of event; pass it to the roles that the pack names",
);
pub(super) const NO_NUMBER: Text =
    Text::fixed("请删去号码后再提交。", "take the number out and send it again");
pub(super) const NOT_STATED: Said = (
    Text::fixed("此类变动不填写这一栏。", "an event of this kind does not state this column"),
    Text::fixed("请另行申报相应的变动。", "state it as an event of its own kind"),
);
pub(super) const NO_PAPER: Said = (
    Text::fixed("没有写明凭证编号。", "no paper is named that shows it"),
    Text::fixed(
        "请填写证明文件上的编号；“无”不算。",
        "give the number that stands on it; none is no number",
    ),
);
pub(super) const AHEAD: Said = (
    Text::fixed("发生日期晚于今天（{day}）。", "the day lies after today ({day})"),
    Text::fixed("请填写实际发生的日期。", "give the day on which it happened"),
);
pub(super) const TOO_EARLY: Said = (
    Text::fixed(
        "发生日期早于现有登记的起始日（{day}）。",
        "the day lies before what is known now began to hold ({day})",
    ),
    Text::fixed(
        "请填写该日或以后的日期；更早的情况写在理由中。",
        "give that day or a later one, and say in the reason since when it was so",
    ),
);
pub(super) const NO_PLACE: Said = (
    Text::fixed(
        "没有写明迁往哪个村，或与现居村相同。",
        "the village it moves to is missing or the same",
    ),
    Text::fixed("请选择迁入的行政村。", "choose the village it moves to"),
);
pub(super) const NO_MEMBER: Said = (
    Text::fixed("没有选定本户的成员。", "no member of the household is chosen"),
    Text::fixed("请在本户成员中选择。", "choose one of its members"),
);
pub(super) const IS_HEAD: Said = (
    Text::fixed("此人已是户主。", "this member is the head already"),
    Text::fixed("请选择另一名成员。", "choose another member"),
);
pub(super) const HEAD_LEAVES: Said = (
    Text::fixed("户主离开后本户没有户主。", "without its head the household would have none"),
    Text::fixed("请先办理变更户主。", "state the change of head first"),
);
pub(super) const NO_HEAD: Said = (
    Text::fixed("本户没有户主或有两名户主。", "the household has no head, or two"),
    Text::fixed("请先办理变更户主。", "state the change of head first"),
);
pub(super) const NOT_GONE: Said = (
    Text::fixed(
        "此人不曾是本户成员，或现属另一户。",
        "nobody who left this household is chosen, or they belong to another now",
    ),
    Text::fixed(
        "请在已离开本户的成员中选择；新来的人按新增成员申报。",
        "choose among those who left; who is new joins instead",
    ),
);
pub(super) const OVER: Said = (
    Text::fixed(
        "本户已并入其他户，或分户已撤销。",
        "the household went into another, or never was",
    ),
    Text::fixed("请在现在的户申报。", "state it of the household that is there now"),
);
pub(super) const NO_RELATION: Said = (
    Text::fixed(
        "登记中没有此人与户主的关系。",
        "the register does not know what this member is to the head",
    ),
    Text::fixed("请一并填写与户主关系。", "say it too"),
);
pub(super) const NOTHING_NEW: Said = (
    Text::fixed("没有填写任何要改的内容。", "nothing is filled in that would change"),
    Text::fixed("请填写要改的栏目。", "fill in what is otherwise"),
);
