//! Checks of layouts.

use std::collections::HashMap;

use qb_base::fold;

use crate::check::texts;
use crate::error::Fault;
use crate::pack::Pack;
use crate::pack::layout::{ColumnKind, Layout};

pub(super) fn check_layout(layout: &Layout, pack: &Pack, faults: &mut Vec<Fault>) {
    texts(&layout.at, &[&layout.title], &layout.source, faults);
    if layout.senders.is_empty() {
        faults.push(Fault::new(
            layout.at.clone(),
            format!(
                "“{}”没有写由谁报送；请加上“sender”，写角色代码，如\"COUNTY_OFFICER\"",
                layout.id
            ),
            format!(
                "nothing says who sends `{}`: add `sender` with role codes such as \
                 \"COUNTY_OFFICER\"",
                layout.id
            ),
        ));
    }
    let mut heads: HashMap<String, &str> = HashMap::new();
    for column in &layout.columns {
        texts(&column.at, &[&column.label], "-", faults);
        if let ColumnKind::Code(list) = &column.kind
            && pack.code_list(list).is_none()
        {
            faults.push(Fault::new(
                column.at.clone(),
                format!("列“{}”引用的代码表“{list}”不存在", column.id),
                format!("column `{}` cites the code list `{list}`, which doesn't exist", column.id),
            ));
        }
        for head in column.heads() {
            let other = heads.insert(fold::key(head), &column.id);
            if let Some(other) = other.filter(|other| *other != column.id) {
                faults.push(Fault::new(
                    column.at.clone(),
                    format!("表样“{}”里列名“{head}”既指“{other}”又指“{}”", layout.id, column.id),
                    format!(
                        "in layout `{}` the head “{head}” means both `{other}` and `{}`",
                        layout.id, column.id
                    ),
                ));
            }
        }
    }
}
