//! What the audit log calls an action, in words.

use qb_base::{Lang, Text};

/// Every action that a row of the log may name, and what pages that were read or refused are for.
const WORDS: &[(&str, Text)] = &[
    ("account.create", Text::fixed("新建账号", "account made")),
    ("account.renew", Text::fixed("重发密码", "new password")),
    ("account.view_own", Text::fixed("本人账号", "own account")),
    ("area.alias", Text::fixed("登记地名别名", "other name of a place")),
    ("area.alias_end", Text::fixed("停用地名别名", "other name of a place ended")),
    ("area.decide", Text::fixed("确认或撤销区划撤并", "deciding a merger of areas")),
    ("area.find", Text::fixed("查找地方", "search of places")),
    ("area.keep", Text::fixed("维护区划", "keeping areas")),
    ("area.load", Text::fixed("载入区划", "areas loaded")),
    ("area.merge_confirm", Text::fixed("确认区划撤并", "merger of areas confirmed")),
    ("area.merge_reject", Text::fixed("撤回区划撤并", "merger of areas taken back")),
    ("area.merge_state", Text::fixed("提出区划撤并", "merger of areas stated")),
    ("area.merge_undo", Text::fixed("撤销区划撤并", "merger of areas undone")),
    ("area.view", Text::fixed("地方页", "page of a place")),
    ("assessment.appeal", Text::fixed("考核申诉", "appeal of a score")),
    ("assessment.confirm", Text::fixed("确认考核", "confirming a score")),
    ("assessment.decide", Text::fixed("裁定考核", "deciding a score")),
    ("assessment.view", Text::fixed("考核页", "assessment")),
    ("audit.anchor_accept", Text::fixed("认可审计锚点", "anchor accepted")),
    ("audit.view", Text::fixed("审计日志", "audit log")),
    ("case.answer", Text::fixed("答复异议", "objection answered")),
    ("case.apply", Text::fixed("按台账登记办理", "cases from lists")),
    ("case.due", Text::fixed("期限随放假安排调整", "due days moved with the calendar")),
    ("case.leads", Text::fixed("线索转案件", "leads became cases")),
    ("case.list", Text::fixed("案件名单", "list of cases")),
    ("case.notice", Text::fixed("张贴公示", "notice posted")),
    ("case.object", Text::fixed("提出异议", "objection")),
    ("case.object_own", Text::fixed("本户异议", "objection of one's own")),
    ("case.open", Text::fixed("立案", "case opened")),
    ("case.reject", Text::fixed("拒绝办理", "step refused")),
    ("case.step", Text::fixed("办理环节", "step taken")),
    ("case.step_own", Text::fixed("本户办理", "step of one's own case")),
    ("case.view", Text::fixed("案件页", "page of a case")),
    ("coverage.view", Text::fixed("覆盖情况", "coverage")),
    ("event.accept", Text::fixed("核定变动", "event accepted")),
    ("event.decide", Text::fixed("核定变动", "deciding an event")),
    ("event.list", Text::fixed("登记变动", "events of the register")),
    ("event.reject", Text::fixed("驳回变动", "event rejected")),
    ("event.state", Text::fixed("申报变动", "event stated")),
    ("event.undo", Text::fixed("撤销变动", "event undone")),
    ("export.agree", Text::fixed("同意导出", "export agreed")),
    ("export.alert", Text::fixed("导出超限提醒", "export above the limit")),
    ("export.request", Text::fixed("申请导出", "export asked for")),
    ("figure.view", Text::fixed("指标页", "page of a figure")),
    ("fund.follow", Text::fixed("资金追踪", "following money")),
    ("fund.view", Text::fixed("资金页", "funds")),
    ("household.list", Text::fixed("农户名单", "list of households")),
    ("household.readers", Text::fixed("查阅情况", "who read a household")),
    ("household.view", Text::fixed("农户页", "page of a household")),
    ("household.view_mine", Text::fixed("本户页", "page of one's own household")),
    ("id.reveal", Text::fixed("查看完整号码", "number shown in full")),
    ("import.close", Text::fixed("导入结束", "import ended")),
    ("import.confirm", Text::fixed("确认导入", "import confirmed")),
    ("import.discard", Text::fixed("放弃导入", "import discarded")),
    ("import.faults", Text::fixed("导入问题", "faults of an import")),
    ("import.faults_download", Text::fixed("下载问题表", "faults downloaded")),
    ("import.file", Text::fixed("导入文件", "file imported")),
    ("import.indices_build", Text::fixed("建立索引", "indices built")),
    ("import.indices_drop", Text::fixed("暂去索引", "indices set aside")),
    ("import.known", Text::fixed("文件此前已导入", "file known")),
    ("import.list", Text::fixed("导入列表", "list of imports")),
    ("import.open", Text::fixed("开始导入", "import begun")),
    ("import.refuse", Text::fixed("拒收文件", "file refused")),
    ("import.upload", Text::fixed("上传文件", "handing in a file")),
    ("import.view", Text::fixed("导入页", "page of an import")),
    ("import.view_others", Text::fixed("他人的导入", "imports of others")),
    ("import.wait", Text::fixed("文件待复核", "file waits")),
    ("import.withdraw", Text::fixed("撤回记录", "rows taken back")),
    ("installation.upgrade", Text::fixed("升级旧库", "older store upgraded")),
    ("job.claim", Text::fixed("任务开始", "job begun")),
    ("job.fail", Text::fixed("任务失败", "job failed")),
    ("job.finish", Text::fixed("任务完成", "job done")),
    ("job.hand_back", Text::fixed("任务退回", "job handed back")),
    ("job.release", Text::fixed("任务放行", "job released")),
    ("ledger.apply", Text::fixed("登记资金账", "ledger posted")),
    ("ledger.post", Text::fixed("资金入账", "entries posted")),
    ("ledger.repeat", Text::fixed("重复的资金凭证", "entry known")),
    ("list.sent", Text::fixed("报送清单", "lists sent")),
    ("office_day.fix", Text::fixed("固定演示日期", "day of a demonstration fixed")),
    ("office_day.move", Text::fixed("移动演示日期", "day of a demonstration moved")),
    ("overview.view", Text::fixed("总览", "overview")),
    ("page.refused", Text::fixed("拒绝访问", "page refused")),
    ("pairing.apply", Text::fixed("登记结对", "pairings from lists")),
    ("pairing.visit_seen", Text::fixed("确认走访", "visit confirmed")),
    ("period.ask_reopening", Text::fixed("申请重新开账", "reopening of a year asked for")),
    ("period.close", Text::fixed("年度结账", "year closed")),
    ("period.reopen", Text::fixed("重新开账", "year opened again")),
    ("person.read", Text::fixed("查阅个人信息", "persons read")),
    ("person.reveal_identity", Text::fixed("查看完整号码", "showing a number in full")),
    ("reading.alert", Text::fixed("查阅超限提醒", "reading above the limit")),
    ("reading.explain", Text::fixed("说明查阅理由", "reason for reading")),
    ("record.enter", Text::fixed("录入记录", "entering a record")),
    ("record.export", Text::fixed("导出清单", "list exported")),
    ("record.list", Text::fixed("记录清单", "list of records")),
    ("record.view", Text::fixed("记录页", "page of a record")),
    ("register.seal", Text::fixed("封存登记簿", "register sealed")),
    ("report.annual", Text::fixed("生成年度报告", "annual report made")),
    ("report.download", Text::fixed("下载报告", "report file")),
    ("report.view", Text::fixed("报告页", "report")),
    ("room.view", Text::fixed("业务页", "room")),
    ("score.appeal", Text::fixed("考核申诉", "score appealed")),
    ("score.confirm", Text::fixed("确认考核", "score confirmed")),
    ("score.decide", Text::fixed("裁定考核申诉", "appeal decided")),
    ("score.freeze", Text::fixed("冻结考核", "score frozen")),
    ("score.publish", Text::fixed("公布考核", "score published")),
    ("server.start", Text::fixed("服务启动", "server begun")),
    ("server.stop", Text::fixed("服务停止", "server ended")),
    ("session.alert", Text::fixed("登录失败提醒", "many failed sign-ins")),
    ("session.close", Text::fixed("退出登录", "signed out")),
    ("session.command", Text::fixed("命令行登录", "signed in at the command line")),
    ("session.forget", Text::fixed("清除登录记录", "old sign-ins removed")),
    ("session.open", Text::fixed("登录", "signed in")),
    ("session.refuse", Text::fixed("登录被拒", "sign-in refused")),
    ("session.try", Text::fixed("尝试登录", "sign-in tried")),
    ("snapshot.take", Text::fixed("生成快照", "snapshot taken")),
    ("target.run", Text::fixed("运行规则", "rules run")),
    ("target.view", Text::fixed("目标页", "targets")),
    ("task.list", Text::fixed("待办", "tasks")),
];

/// The action in words; one that an older version wrote stays as it is written.
pub(crate) fn words(action: &str, lang: Lang) -> &str {
    let found = WORDS.iter().find(|(known, _)| *known == action);
    found.map_or(action, |(_, text)| text.get(lang))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What stands before the name of an action where one is written; the name is the first word
    /// with a dot after it.
    const WRITTEN_AT: &[&str] =
        &["action: ", "audit_entry(", "note(tx", "AUDIT_POST: &str", "SEEN: &str"];
    /// How far after it the name may stand.
    const WITHIN_BYTES: usize = 200;

    fn named_in_sources() -> Vec<String> {
        let crates = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let mut folders = vec![crates.to_owned()];
        let mut found = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                if path.is_dir() && name != "tests" {
                    folders.push(path);
                } else if name.ends_with(".rs") && name != "tests.rs" && name != "actions.rs" {
                    let text = std::fs::read_to_string(&path).unwrap();
                    found.extend(named(text.split("#[cfg(test)]").next().unwrap()));
                }
            }
        }
        found
    }

    fn named(text: &str) -> Vec<String> {
        let places = WRITTEN_AT.iter().flat_map(|word| text.match_indices(word));
        let names = places.filter_map(|(at, _)| {
            let after: String = text[at..].chars().take(WITHIN_BYTES).collect();
            let end = after.find(';').unwrap_or(after.len());
            let words = after[..end].split('"').skip(1).step_by(2);
            words.map(str::to_owned).find(|word| is_name(word))
        });
        names.collect()
    }

    fn is_name(word: &str) -> bool {
        let is_plain = word.bytes().all(|byte| byte.is_ascii_lowercase() || b"._".contains(&byte));
        word.contains('.') && is_plain
    }

    #[test]
    fn every_action_that_is_written_has_words_in_both_languages() {
        let named = named_in_sources();
        for known in ["case.answer", "import.file", "ledger.post", "session.open"] {
            assert!(named.iter().any(|one| one == known), "{known} was not found: {named:?}");
        }
        let bare: Vec<_> =
            named.iter().filter(|one| words(one, Lang::Zh) == one.as_str()).collect();
        assert_eq!(bare, Vec::<&String>::new());
        assert_eq!(words("an.older_one", Lang::En), "an.older_one");
        assert!(WORDS.is_sorted_by(|a, b| a.0 < b.0));
    }
}
