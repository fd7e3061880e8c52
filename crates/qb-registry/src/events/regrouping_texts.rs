//! What is said of a statement that a household splits or joins another, and what to do.

use qb_base::Text;

use super::stating::Said;

pub(super) const USED: Said = (
    Text::fixed("此户编号已被使用。", "a household has this number already"),
    Text::fixed("请填写新户自己的户编号。", "give the new household a number of its own"),
);
pub(super) const NOT_FOUND: Said = (
    Text::fixed(
        "您的范围内没有这个户编号，或该户已并入其他户，或就是本户。",
        "no household within your area has this number, it went into another, or it is this one",
    ),
    Text::fixed(
        "请核对户编号；并入外村的户，由管辖两村的上级申报。",
        "check the number; whoever answers for both villages states it where it is in another",
    ),
);
pub(super) const HEADLESS_THERE: Said = (
    Text::fixed("该户没有户主或有两名户主。", "that household has no head, or two"),
    Text::fixed("请先为该户办理变更户主。", "state the change of its head first"),
);
pub(super) const HEAD_THERE: Said = (
    Text::fixed("该户已有户主。", "that household has a head already"),
    Text::fixed(
        "请填写与该户户主的关系；要换户主的，并户后再办理变更户主。",
        "say what everybody is to its head; where the head is to be another, change it afterwards",
    ),
);
pub(super) const STRANGER: Said = (
    Text::fixed("所列的人不是本户成员。", "somebody named is no member of the household"),
    Text::fixed("请在本户成员中选择。", "choose among its members"),
);
pub(super) const NOBODY_GOES: Said = (
    Text::fixed("没有选定分出去的成员。", "nobody is chosen who goes"),
    Text::fixed("请至少选一人。", "choose one at least"),
);
pub(super) const ALL_GO: Said = (
    Text::fixed("不能全部分出去。", "not everybody can go"),
    Text::fixed(
        "至少留一人；整户迁走的按整户迁移申报。",
        "somebody stays; a household that moves whole is stated as one that moved",
    ),
);
pub(super) const NEW_HEAD: Said = (
    Text::fixed("新户应有且只有一名户主。", "the new household has exactly one head"),
    Text::fixed(
        "请在分出去的成员中把一人的关系选为“户主”。",
        "choose `head` as the relation of one of those who go",
    ),
);
pub(super) const OTHER_HEAD: Said = (
    Text::fixed("留下的人应有且只有一名户主。", "those who stay have exactly one head"),
    Text::fixed(
        "留下的人中只保留原户主；要换户主的，先办理变更户主。",
        "leave the head as it is among those who stay, or state the change of head first",
    ),
);
pub(super) const HEAD_GOES: Said = (
    Text::fixed(
        "户主也分出去，留下的人没有户主，或有两名户主。",
        "the head goes too, and those who stay have no head, or two",
    ),
    Text::fixed(
        "请在留下的成员中把一人的关系选为“户主”。",
        "choose `head` as the relation of one of those who stay",
    ),
);
