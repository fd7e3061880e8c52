//! Every sentence of the interface, once, in Chinese and English.
//!
//! A key that a template names and this table lacks does not compile; neither does a key with one
//! language.

use qb_base::Lang;

macro_rules! texts {
    ($($key:ident: $zh:literal, $en:literal;)*) => {
        /// The texts of one language.
        pub(crate) struct Texts {
            $(pub(crate) $key: &'static str,)*
        }

        static ZH: Texts = Texts { $($key: $zh,)* };
        static EN: Texts = Texts { $($key: $en,)* };

        /// Key, Chinese and English of every text.
        #[cfg(test)]
        const ALL: &[(&str, &str, &str)] = &[$((stringify!($key), $zh, $en),)*];
    };
}

impl Texts {
    /// The texts of a language.
    pub(crate) fn of(lang: Lang) -> &'static Self {
        match lang {
            Lang::Zh => &ZH,
            Lang::En => &EN,
        }
    }
}

/// Puts values for `{name}` into a text.
pub(crate) fn put(text: &str, values: &[(&str, &str)]) -> String {
    values
        .iter()
        .fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

texts! {
    // Frame of every page.
    product: "齐帮", "Qibang";
    skip: "跳到正文", "Skip to content";
    nav_label: "主导航", "Main";
    nav_overview: "总览", "Overview";
    nav_households: "登记", "Register";
    nav_area: "识别退出", "Targeting";
    nav_villages: "村", "Villages";
    nav_report: "报告", "Reports";
    nav_todo: "待办", "To do";
    room_responsibility: "责任结对", "Responsibility";
    room_targeting: "识别退出", "Targeting";
    room_measures: "措施项目", "Measures";
    room_funds: "资金", "Funds";
    room_villages: "村", "Villages";
    room_services: "服务", "Services";
    room_assessment: "考核", "Assessment";
    room_report: "报告", "Reports";
    room_data: "数据", "Data";
    nav_data: "数据", "Data";
    other_language: "English", "中文";
    my_account: "我的账户", "My account";
    sign_out: "退出登录", "Sign out";
    crumbs_label: "所在地区", "Area path";
    find_area: "查找地区", "Find an area";
    find_area_hint: "名称、拼音、首字母或代码", "name, pinyin, initials or code";
    find: "查找", "Find";
    as_of: "截至 {date}", "as of {date}";
    today: "今天 {date}", "today {date}";
    data_as_of: "数据截至 {date}", "data as of {date}";
    data_known_on: "按 {date} 所掌握", "as known on {date}";
    when_as_of: "情况截至", "True on";
    when_known_on: "按当时所掌握", "As known on";
    when_known_hint: "日期,或如 2017-03-31T08:30", "a day, or such as 2017-03-31T08:30";
    when_show: "查看", "Show";
    when_now: "回到现在", "Back to now";
    demonstration: "演示", "demonstration";
    print: "打印", "Print";

    // Signing in.
    login_title: "登录", "Sign in";
    login_lead: "登记、核验、追踪每一户的精准帮扶系统", "The register that follows every household to its result";
    login_name: "用户名", "User name";
    login_password: "密码", "Password";
    login_submit: "登录", "Sign in";
    login_wrong: "用户名或密码不对。连续 5 次失败后须等待,等待时间逐次加倍。", "User name and password do not belong together. After 5 failures there is a wait that doubles each time.";
    login_wait: "失败次数过多,请在 {seconds} 秒后再试。", "Too many failures; try again in {seconds} seconds.";
    login_help: "忘记密码时请联系系统管理员。", "Ask the system administrator for a new password.";

    // One's own account.
    me_title: "我的账户", "My account";
    me_role: "角色", "Role";
    me_area: "管辖地区", "Area";
    me_login: "用户名", "User name";
    me_since: "本次登录时间", "Signed in at";
    me_may: "可以进行的操作", "What this role may do";
    me_names: "姓名显示方式", "How names appear";
    me_names_full: "显示全名;身份证号始终遮盖,查看须写明理由并留痕", "In full; identity numbers are always masked, reading one asks for a reason and is recorded";
    me_names_masked: "只显示姓氏(张**);身份证号始终遮盖", "Family name only (张**); identity numbers are always masked";
    me_names_none: "不显示个人信息", "No personal data";
    me_session_note: "30 分钟无操作或登录满 12 小时后自动退出。", "Signed out after 30 minutes without a request or 12 hours in all.";

    // Errors.
    error_next: "下一步", "What next";
    error_home: "回到总览", "Back to the overview";
    error_number: "编号", "Number";

    // Rooms, lists, coverage.
    room_lists: "台账清单", "Lists";
    room_list: "清单", "List";
    room_rows: "行数", "Rows";
    coverage_title: "覆盖情况", "Coverage";
    coverage_lead: "每一项都写明对哪个名单而言;未覆盖的逐一列出。", "Each line names the set it speaks of; whoever is missing is listed.";
    coverage_what: "覆盖要求", "What is covered";
    coverage_set: "名单", "Set";
    coverage_total: "应覆盖", "In the set";
    coverage_missing: "未覆盖", "Missing";
    coverage_list: "未覆盖名单", "Who is missing";
    coverage_note: "应覆盖 {total},未覆盖 {missing},覆盖率 {share}。", "{total} in the set, {missing} missing, {share} covered.";
    coverage_complete: "名单内全部覆盖。", "Everybody in the set is covered.";
    records_count: "共 {total} 行", "{total} rows";
    records_q: "编号开头", "Number begins with";
    records_key: "编号", "Number";
    records_none: "这个范围内没有记录。导入相应的原始文件后会出现在这里。", "No rows here; they appear once the raw file is imported.";
    records_export: "导出清单(CSV)", "Export the list (CSV)";
    records_export_book: "导出表格(XLSX)", "Export a workbook (XLSX)";
    reading_go_on: "写明理由并继续", "Say why and go on";
    log_title: "审计日志", "Audit log";
    log_lead: "本辖区账号的操作记录，新的在前；点人员或操作可筛选。", "What accounts of this area did, newest first; choose a person or an action to see only that.";
    log_reads: "查阅记录", "Who read whom";
    log_reads_lead: "本辖区账号查阅了哪些户、多少人：页面、导出的清单、完整显示的号码。", "Which households and how many persons accounts of this area read: on pages, in lists that left, by numbers shown in full.";
    log_all: "全部", "All";
    log_at: "时间", "When";
    log_who: "账号", "Account";
    log_role: "角色", "Role";
    log_what: "操作", "Action";
    log_object: "对象", "Object";
    log_reason: "理由", "Reason";
    log_persons: "人数", "Persons";
    log_none: "没有记录。", "Nothing is recorded.";
    readers_title: "谁看过这一户", "Who looked at this household";
    readers_lead: "本户及成员被谁在何时查阅：页面、完整显示的号码，以及导出时包含本村的清单。", "Who read the household and its members, and when: on pages, by numbers shown in full, in lists that left with this village in them.";
    exports_title: "导出申请", "Export requests";
    exports_lead: "有{n}份清单等待您同意。涉及人数较多的清单须由第二人同意后才能导出。", "{n} lists wait for you. A list about many persons leaves only when a second person agrees.";
    exports_own: "我的申请", "My requests";
    exports_none: "没有等待中的申请。", "No request waits.";
    exports_decision: "决定", "Decision";
    exports_agree: "同意导出", "Agree";
    exports_decline: "不同意", "Decline";
    exports_submit: "提交决定", "Send the decision";
    records_reason: "导出理由(含个人姓名,将留痕)", "Why (names persons, will be recorded)";
    records_household: "打开该户", "Open the household";
    records_list: "返回清单", "Back to the list";
    assess_freeze: "冻结考核结果", "Freeze the scores";
    assess_freeze_lead: "按最近一次运行的数据计分并保存全部取数,此后各县可以申诉。数据没有变化时不会产生新的结果。", "Scores the data of the newest run and keeps every value; counties may then appeal. Unchanged data give no new score.";
    assess_confirm: "确认考核结果", "Confirm the scores";
    assess_confirm_lead: "申诉全部答复后才能确认;确认后不再受理申诉。", "Possible once every appeal is answered; no appeal is taken afterwards.";
    assess_publish: "公布考核结果", "Publish the scores";
    assess_publish_lead: "在本系统范围内公布已确认的结果。", "Publishes the confirmed scores within the programme.";
    assess_appeals: "申诉", "Appeals";
    assess_appeals_none: "没有申诉。", "No appeals.";
    assess_appeal: "申诉", "Appeal";
    assess_appeal_lead: "只能对本县的取数提出;写明哪个数不对、依据是什么,不写个人信息。", "Only about a value of your own county: say which is wrong and what shows it; name no person.";
    assess_appeal_reason: "申诉理由", "Reason";
    assess_appeal_do: "提出申诉", "Send the appeal";
    assess_appeal_on: "提出时间", "Received";
    assess_appeal_state: "结果", "Outcome";
    assess_appeal_answer: "答复", "Answer";
    assess_appeal_open: "待答复", "open";
    assess_appeal_accepted: "已采纳", "accepted";
    assess_appeal_rejected: "维持原值", "the value stands";
    assess_answer: "答复申诉:{area} · {item}", "Answer the appeal: {area} · {item}";
    assess_answer_value: "更正值(维持原值时留空)", "Corrected value (blank where the value stands)";
    assess_answer_do: "答复", "Answer";
    // Events of the register.
    events_title: "登记变动", "Events of the register";
    events_lead: "出生、死亡、婚嫁、迁移和信息更正。登记与申报两边并列;勾选后一次核定,事后可撤销。", "Births, deaths, marriages, moves and corrections. What is known stands beside what is stated; choose and accept several at once, each can be undone.";
    events_none: "没有这样的变动。", "There is no such event.";
    events_waiting: "待核定的登记变动", "Events that wait";
    events_all: "全部", "All";
    events_classes: "变动类别", "Classes of events";
    event_kind: "变动", "Event";
    event_count: "件", "Events";
    event_household: "户", "Household";
    event_happened: "发生日期", "Happened on";
    event_known: "得知时间", "Known since";
    event_sides: "登记与申报", "Known and stated";
    event_what: "项目", "What";
    event_before: "原登记", "Before";
    event_after: "变动后", "By the event";
    event_doubt: "待核原因", "Why it waits";
    event_by: "申报人", "Stated by";
    event_who: "经办人", "Who";
    event_state: "状态", "State";
    event_from: "来源", "From";
    event_row: "{file} 第{row}行", "{file}, row {row}";
    event_paper: "凭证", "Paper";
    event_reason: "理由", "Reason";
    event_place: "居住地", "Place";
    event_head: "户主", "Head";
    event_steps: "经过", "What became of it";
    event_by_rule: "按策略包自动生效", "applied at once by the rules";
    event_choose: "选择", "Choose";
    event_accept: "核定", "Accept";
    event_accept_chosen: "核定所选", "Accept the chosen";
    event_accept_lead: "核对两边无误后核定,登记即随之变动。", "Accept once both sides have been compared; the register follows.";
    event_agreed: "核对无误", "both sides compared";
    event_reject: "驳回", "Reject";
    event_reject_lead: "没有发生,或填报有误;登记不变。", "It did not happen or is not stated rightly; the register stays.";
    event_undo: "撤销", "Undo";
    event_undo_lead: "登记恢复到变动之前,经过仍保留。", "The register is as before; what happened stays on record.";
    event_next: "下一件", "Next";
    event_others: "本户其他待核定的变动", "Also waiting about this household";
    event_person: "成员", "Member";
    event_village: "迁入的行政村", "Village it moves to";
    event_new_no: "新户的户编号", "Number of the new household";
    event_into_no: "并入的户编号", "Number of the household that is joined";
    event_new_village: "新户所在行政村(不选即在本村)", "Village of the new household (its own where none is chosen)";
    event_members: "成员", "Members";
    event_goes: "分出", "goes";
    event_goes_there: "并入", "joins";
    event_stays: "留下", "stays";
    event_relation: "与户主关系", "Relation to the head";
    event_split_lead: "勾选分出去的成员,关系填对新户户主的,其中一人选“户主”。留下的人不填即不变;户主也分出时,在留下的人中另选一名户主。不填的关系核定后为未知。", "Tick who goes and say what they are to the head of the new household, one of them being the head. Who stays keeps their relation where nothing is said; where the head goes too, choose another among those who stay. What is left blank will be unknown.";
    event_merge_lead: "全部成员并入,关系填对该户户主的;不填的核定后为未知。", "All members join; say what they are to the head there. What is left blank will be unknown.";
    life_into: "本户已于{day}并入户 {no}", "The household joined household {no} on {day}";
    life_from: "本户于{day}从户 {no} 分出", "The household came of household {no} on {day}";
    life_never: "分户已撤销,本户未成立", "The split was undone; the household never was";
    event_elsewhere: "换到其他乡镇", "Another town";
    event_known_now: "{what}(现登记:{value})", "{what} (known: {value})";
    event_send: "提交核定", "Send to be decided";
    event_write: "保存", "Save";
    event_waits: "填好后提交,由{roles}核定后生效。", "Sent, it applies once accepted by: {roles}.";
    event_blank: "留空的栏目不变。", " What is left blank stays as it is.";
    event_at_once: "有核定权的人({roles})保存后即生效,可撤销;其他人提交后等待核定。", "Saved by {roles} it applies at once and can be undone; from others it waits.";
    event_state_one: "申报变动", "State an event";
    entry_new: "填报", "New row";
    entry_edit: "更正", "Correct";
    entry_about: "记一条", "Write down";
    entry_lead: "带＊的必填。保存时逐项核对,与导入文件的要求相同;不合格的不会写入,已填的不会丢。", "Fields with ＊ are required. Saving checks each one as it would a file's; what does not pass is not written, and nothing you typed is lost.";
    entry_save: "保存", "Save";
    entry_back: "返回", "Back";
    entry_place: "这张清单按村(镇)登记,请先选择地方。", "Rows of this list belong to a village or town; choose it first.";
    entry_finer: "换到下级地方", "Choose a finer place";
    entry_not_kept: "没有保存,请更正下列项目:", "Not saved; please correct:";
    entry_fault: "{what}{do}", "{what} – {do}";
    entry_taken: "这一条已经有了,或在您填写时被别人改过。请核对后再决定。", "There is such a row already, or somebody changed it while you typed. Compare before you decide.";
    entry_taken_open: "查看现有记录", "Open it";
    records_history: "来源与历史", "Source and history";
    records_recorded: "登记时间", "Recorded";
    records_file: "文件", "File";
    records_row: "行", "Row";
    records_changed: "此前的值", "Values before";
    records_replaced: "已被替换", "replaced";

    // Cases.
    cases_title: "案件与待办", "Cases and to-dos";
    cases_lead: "按期限先后排列。每个案件的步骤、法定人数、公示天数和期限由策略包规定,跳过一步是办不到的。", "Nearest deadline first. Steps, quorums, days of notice and clocks come from the policy pack; no step can be skipped.";
    cases_mine: "等我办理", "Waiting for me";
    cases_all: "全部案件", "All cases";
    cases_states: "按类型和状态", "By kind and state";
    cases_none: "这个范围内没有案件。", "No cases here.";
    cases_due: "期限", "Due";
    cases_by: "期限", "by";
    cases_kind: "类型", "Kind";
    cases_subject: "对象", "Subject";
    cases_state: "状态", "State";
    cases_note: "提示", "Note";
    cases_count: "件数", "Cases";
    cases_overdue: "逾期", "Overdue";
    cases_irregular: "程序不合规", "irregular";
    case_next: "下一步", "What comes next";
    case_steps: "已办步骤", "Steps taken";
    case_step: "步骤", "Step";
    case_facts: "依据", "On record";
    case_on: "日期", "Day";
    case_present: "到会人数", "Present";
    case_entitled: "应到人数", "Entitled";
    case_quorum: "到会/应到", "present / entitled";
    case_clause: "这一步核对规则(不符合则不能办理,不能判定须写理由):",
        "This step asks a rule (not met: impossible; not known: give the reason):";
    case_votes: "赞成票数", "Votes in favour";
    case_second: "另一名办理人(账号或工号)", "Second person (login or staff number)";
    case_signatory: "签字人任职编号", "Signatory's term of office (its number)";
    case_sample: "抽查比例", "Share checked";
    case_notice_until: "公示截止", "Notice until";
    case_document: "文号", "Document number";
    case_reason: "理由", "Reason";
    case_told_by: "经办人工号", "Handled by";
    case_dossier: "案卷号", "Dossier";
    case_actor: "经办", "By";
    case_paper: "(材料编号)", "(number of the paper)";
    case_pages: "页数", "Pages";
    case_reject: "退回", "Send back";
    case_objections: "异议", "Objections";
    case_from_record: "来自记录", "from record";

    // Targets, tasks, proposals.
    targets_title: "目标责任", "Targets";
    targets_lead: "每级目标由下级承担:下级合计不得少于本级,单位相同,每个目标有责任人和期限。", "Each level's targets are carried by those below: their sum covers it, in the same unit, with an owner and a day.";
    targets_progress: "目标与进度", "Targets and progress";
    targets_gaps: "有缺口的目标", "Targets with gaps";
    targets_gaps_none: "没有缺口。", "No gaps.";
    targets_none: "没有登记目标。", "No targets on record.";
    targets_item: "目标项", "Item";
    targets_target: "目标", "Target";
    targets_below: "下级合计", "Sum below";
    targets_actual: "实际", "Actual";
    targets_gap: "差额", "Gap";
    targets_state: "状态", "State";
    targets_wrong: "缺口", "Gap";
    state_met: "已完成", "met";
    state_ahead: "超前", "ahead";
    state_on_time: "按期", "on time";
    state_behind: "落后", "behind";
    state_overdue: "逾期", "overdue";
    gap_not_covered: "下级合计不足", "not covered below";
    gap_other_unit: "单位不一致", "another unit";
    gap_no_owner: "没有责任人", "no owner";
    gap_unsigned: "逾期未签", "unsigned";
    tasks_title: "走访承诺", "Promises";
    tasks_lead: "走访时承诺、尚未办结的事项,先到期的在前。", "What was promised on visits and is not done, the earliest first.";
    tasks_none: "没有未办结的承诺。", "No open promises.";
    tasks_until: "承诺期限", "Promised until";
    tasks_overdue: "逾期天数", "Days overdue";
    tasks_need: "需求", "Need";
    tasks_visited: "走访日期", "Visited on";
    proposal_title: "结对建议", "Proposed pairings";
    proposal_paired: "{villages} 个村中 {paired} 个有单位挂钩。", "{paired} of {villages} villages have a unit.";
    proposal_lead: "给没有单位挂钩的村建议单位:先挑挂钩村最少的,同县优先,不超过上限。由人决定。", "A unit for each village without one: the least loaded first, its own county preferred, never above the cap. People decide.";
    proposal_none: "每个村都有单位挂钩。", "Every village has a unit.";
    proposal_unit: "建议单位", "Proposed unit";
    proposal_load: "届时挂钩村数", "Villages it would have";
    proposal_why: "理由", "Why";

    // Funds.
    funds_title: "资金", "Funds";
    funds_lead: "全部数字来自复式账:预算、下达、支付逐笔相抵,不超预算,只冲销不修改。", "All numbers come from double entry: budget, allocation and payment balance, never beyond the budget, reversed but never changed.";
    funds_budgets: "当年预算与支付", "This year's budgets and payments";
    funds_rounds: "本轮与上轮", "This round and the last";
    funds_idle: "滞留资金", "Idle money";
    funds_idle_none: "没有超过期限的滞留资金。", "No money lies idle beyond its clock.";
    funds_refused: "未能入账的行", "Rows that could not be posted";
    funds_refused_none: "全部入账。", "Everything is posted.";
    funds_none: "没有登记资金。", "No funds on record.";
    funds_level: "安排层级", "Level";
    funds_source: "来源", "Source";
    funds_purpose: "用途", "Purpose";
    funds_budget: "预算", "Budget";
    funds_allocated: "已下达", "Allocated";
    funds_paid: "已支付", "Paid";
    funds_comparison: "比较", "Comparison";
    funds_year: "当年", "This year";
    funds_last_round: "上一轮合计", "Last round";
    funds_round: "轮次", "Round";
    funds_account: "账户", "Account";
    funds_since: "到账日期", "Since";
    funds_days: "天数", "Days";
    funds_left: "余额", "Left";
    funds_why: "原因", "Why";
    funds_unpaid: "未支付", "not paid";
    funds_thread: "资金去向", "Thread of the money";
    funds_thread_lead: "从这笔钱往上找到预算,往下找到项目和农户。", "Up to the budget it came from, down to the projects and households it reached.";
    funds_thread_end: "这个方向到此为止。", "The thread ends here.";
    funds_up: "从哪里来", "Where it came from";
    funds_down: "到哪里去", "Where it went";
    funds_depth: "步", "Step";
    funds_from: "从", "From";
    funds_to: "到", "To";
    funds_day: "日期", "Day";

    // Assessment.
    assess_title: "考核", "Assessment";
    assess_preliminary: "试算:按第 {run} 次运行的数据计分,尚未冻结,名次会变。", "A trial on the data of run {run}; nothing is frozen yet and ranks may change.";
    assess_frozen: "已冻结", "frozen";
    assess_confirmed: "已确认", "confirmed";
    assess_published: "已公布", "published";
    assess_lead: "状态 {state};数据冻结后计分,摘要 {digest}。", "State {state}; scored on frozen data, digest {digest}.";
    assess_ranks: "得分与位次", "Scores and ranks";
    assess_rank: "位次", "Rank";
    assess_base: "基础分", "Base";
    assess_deduct: "扣分", "Deducted";
    assess_bonus: "加分", "Bonus";
    assess_total: "总分", "Total";
    assess_grade: "等次", "Grade";
    assess_veto: "一票否决", "Veto";
    assess_not_assessed: "不参加考核：没有{base}", "Not assessed: no {base}";
    assess_feeds: "供其他考核引用", "Taken over by other appraisals";
    assess_appraisal: "考核", "Appraisal";
    assess_weight: "权重", "Weight";
    assess_points: "得分", "Points";
    assess_items: "指标明细", "Items";
    assess_items_lead: "丢分多的在前。", "The costliest first.";
    assess_item: "指标", "Item";
    assess_department: "责任部门", "Department";
    assess_raw: "数值", "Value";
    assess_lost: "丢分", "Lost";

    // Areas.
    areas_title: "查找地区", "Find an area";
    areas_none: "没有找到与“{q}”相符的地区。可用名称、拼音、首字母或代码查找;只显示您管辖范围内的地区。", "No area fits “{q}”. Search by name, pinyin, initials or code; only areas within yours are shown.";
    areas_prompt: "输入地区的名称、拼音、首字母(如 lmc)或代码。", "Type an area's name, pinyin, initials (such as lmc) or code.";
    area_code: "代码", "Code";
    area_level_province: "省", "province";
    area_level_city: "市", "city";
    area_level_county: "县(市、区)", "county";
    area_level_town: "镇(街道)", "town";
    area_level_village: "村(社区)", "village";
    area_households: "低收入农户", "Low-income households";
    area_people: "低收入人口", "Low-income people";
    area_children: "下级地区", "Areas below";
    area_children_county: "县(市、区)", "Counties";
    area_children_town: "镇(街道)", "Towns";
    area_children_village: "村(社区)", "Villages";
    area_name: "地区", "Area";
    area_empty: "本地区没有登记的低收入农户。导入名册后,这里显示各级汇总。", "No low-income household is registered here. Once a roster is imported, totals appear here.";
    place_title: "名称与沿革", "Names and history";
    place_of: "{area}：名称与沿革", "{area}: names and history";
    place_lead: "别名供导入时识别；撤并自生效日起，该村农户改属承接的村，户编号不变，以前各日的名单和数字不变。", "Other names are for reading files. From the day of a merger the households of the village are of its successor, under the numbers they have; lists and figures of earlier days stay.";
    place_keep: "维护别名与撤并", "Keep names and mergers";
    place_ended: "{area}已于{on}撤并，由 {into} 承接。", "{area} ended on {on}; {into} took over.";
    place_names: "别名", "Other names";
    place_names_none: "没有别名。", "No other names.";
    place_name: "文件中的写法", "As files write it";
    place_means: "所指地区", "Area meant";
    place_since: "自", "Since";
    place_until: "止", "Until";
    place_source: "依据", "By which paper";
    place_mergers: "撤并", "Mergers";
    place_mergers_none: "没有撤并。", "No mergers.";
    place_waiting: "待确认的区划撤并", "Mergers of areas that wait";
    place_number: "编号", "No.";
    place_parts: "撤并的地区", "Areas that end";
    place_into: "承接的地区", "Area that goes on";
    place_on: "生效日", "From";
    place_stated_by: "提出人", "Stated by";
    place_decided_by: "确认、撤回或撤销人", "Decided by";
    place_households: "改属户数", "Households";
    place_state: "状态", "State";
    place_add: "登记别名", "Keep another name";
    place_add_lead: "照来文中的写法填写；今后导入的文件按它识别到 {area}。", "Write it as files do; files imported from now on mean {area} by it.";
    place_end: "停用别名", "End another name";
    place_end_do: "停用", "End it";
    place_merge: "提出撤并", "State a merger";
    place_merge_lead: "{area}自生效日起并入所选的地区；代码改变时选新代码的地区。另一人确认后登记随之改变。", "{area} goes into the chosen area from the day on; where its code changed, choose the area with the new one. The register follows once another person confirms it.";
    place_into_code: "不在上列时填承接地区的代码", "Its code where it is not among these";
    place_day: "生效日(如 2016-06-01)", "From which day (such as 2016-06-01)";
    place_paper: "批文或文件号", "Number of the paper";
    place_confirm: "确认{id}号撤并", "Confirm merger {id}";
    place_confirm_lead: "{parts} 于{on}并入 {into}，依据：{paper}。由提出人以外的人核对批文后确认。", "{parts} go into {into} on {on}, by {paper}. Confirmed by somebody else than who stated it, after a look at the paper.";
    place_confirm_do: "确认", "Confirm";
    place_undo: "撤销{id}号撤并", "Undo merger {id}";
    place_undo_lead: "农户恢复到撤并之前的村，经过仍保留。此后有农户迁移、分户或并户的，先撤销那些变动。", "Households are where they were before; what happened stays on record. Where some moved, split or joined others since, undo that first.";
    place_undo_do: "撤销", "Undo";
    place_back: "撤回{id}号撤并", "Take back merger {id}";
    place_back_do: "撤回", "Take back";
    place_reason: "理由", "Reason";
    area_open_households: "查看农户", "Show households";
    unit_yuan: "元", "yuan";
    unit_households: "户", "households";
    unit_people: "人", "people";
    unit_villages: "个村", "villages";

    // Verdicts.
    verdicts_title: "规则判定", "Verdicts of the rules";
    verdicts_note: "判定于 {date} 按 {pack} 计算;每个数字都可点开查看对应的户或村。“不能判定”是缺少依据,需要补充,不等于“否”。", "Computed on {date} under {pack}; each number opens its households or villages. “Cannot tell” means evidence is missing; it is not a no.";
    verdicts_open: "打开规则判定", "Open the verdicts";
    verdicts_back: "返回地区", "Back to the area";
    verdicts_none: "规则尚未运行。运行“qibang target run”后,这里显示每条规则的判定。", "The rules have not been run. After “qibang target run” each rule's verdicts appear here.";
    verdict_rule: "规则", "Rule";
    verdict_true: "是", "Yes";
    verdict_false: "否", "No";
    verdict_unknown: "不能判定", "Cannot tell";
    verdict_share: "比例", "Share";
    verdict_source: "依据", "Source";
    level_household: "户", "household";
    level_village: "村", "village";
    level_person: "人", "person";

    // What waits for the reader.
    sent_lead: "本部门报送的清单与登记核对的结果:没有对上的行请核实证件号码、户编号后重新报送。", "What of your list meets the register. Check identity or household numbers of the rows that do not, and send them again.";
    sent_unmatched: "没有对上登记的行", "Rows that meet nobody in the register";
    sent_none: "全部对上。", "All rows meet the register.";
    sent_unlinked: "这张清单不按人或户核对。", "This list is not matched by person or household.";
    waiting_title: "等我办理", "Waiting for me";
    waiting_lists: "本部门报送的名册", "Lists my department sends";
    waiting_matched: "已对上登记", "Matched with the register";
    waiting_unmatched: "未对上", "Not matched";
    waiting_received: "最近收到", "Last received";
    waiting_never: "还没有收到", "Not received yet";

    // Work on a case.
    case_open: "新办案件", "Open a case";
    case_open_which: "可以新办", "What you may open";
    case_open_none: "您的岗位没有可以新办的案件。", "Your role opens no case here.";
    case_subject: "对象编号", "Number of what it is about";
    case_area: "所在地区代码", "Code of its area";
    case_back: "返回案件", "Back to the case";
    case_notice: "公示", "Public notice";
    case_notice_make: "生成公示", "Make the notice";
    case_notice_print: "打印公示", "Print the notice";
    case_object: "登记异议", "Record an objection";
    case_objections_none: "没有异议。", "No objection.";
    case_objection_document: "异议书编号(内容留在纸面上)", "Number of the paper (its words stay there)";
    case_channel: "渠道", "How it came";
    case_answer: "答复", "Answer";
    case_answer_document: "答复文号", "Number of the answer";
    case_dismiss: "不成立", "Dismiss";
    case_uphold: "成立", "Uphold";
    objection_open: "待答复", "open";
    objection_dismissed: "不成立", "dismissed";
    objection_upheld: "成立,待退回", "upheld, to be sent back";
    objection_settled: "已处理", "settled";

    // One's own household, or those one helps.
    mine_title: "我的帮扶", "My help";
    mine_unbound: "这个账号还没有对应到户或帮扶责任人。请开设账号的单位补上户编号或责任人编号。", "This account stands for no household or helper yet. Ask the office that made it to add the number.";
    mine_object: "下面是登记给您家的帮扶、待遇和办理中的事项。对办理结果有不同意见的,可在“我的异议”中提出,也可向村委会或乡镇当面提出。", "Help, benefits and pending matters recorded for your household. If you disagree with an outcome, object under “My objections”, or tell the village committee or the town in person.";
    mine_step: "待您办理", "For you to do";
    mine_step_lead: "这一步由您家自己办。请先听工作人员说明,在纸质材料上签字按手印,再填写该材料的编号。不同意的可以不认可,并写明原因;不办也可以,由乡镇代为登记您签字的材料。", "This step is your household's own. Have it explained, sign the paper form, then enter the number on it. You may refuse and say why; you need not do it here, the town enters the form that you signed.";
    mine_objections: "我的异议", "My objections";
    mine_objections_none: "没有办理中的事项。", "No matter is pending.";
    mine_objection_do: "提出异议", "I object";
    mine_objection_lead: "提出后,村、乡镇须听取您的意见并书面答复;答复之前,这件事不能往下办。意见内容请当面说明,不在网上填写。", "Village and town then have to hear you and answer in writing; until they do, the matter cannot be decided. Say what you object to in person; nothing is written here.";
    mine_helper_lead: "先办到期的承诺,再看每一户的帮扶。", "Promises that are due first, then each household.";
    mine_households: "我负责的户", "My households";
    mine_promises: "未办结的承诺", "Open promises";
    mine_overdue: "其中已逾期", "Of these overdue";
    mine_next: "下一个期限", "Next due";
    mine_none: "没有对应的户。结对名册导入后,这里列出您负责的户。", "No household. After the list of pairings is imported, those you answer for appear here.";
    help_title: "帮扶、待遇与案件", "Help, benefits and cases";
    help_lead: "每一行来自一份名册。", "Each line comes from a list.";
    help_back: "返回农户", "Back to the household";
    help_open: "查看帮扶、待遇与案件", "Show help, benefits and cases";
    help_none: "还没有登记给这一户的帮扶或待遇。", "No help or benefit is recorded for this household yet.";
    help_whom: "对象", "For whom";
    help_household: "全户", "the household";
    help_what: "内容", "What it says";

    // Overview.
    overview_title: "总览", "Overview";
    overview_figures: "关键数字", "Key figures";
    overview_map: "各县(市、区)", "Counties";
    overview_map_label: "各县(市、区)地图,数据与右侧表格相同", "Map of the counties; its data are those of the table beside it";
    overview_measure: "指标", "Measure";
    overview_map_note: "地图边界仅作示意;以审定底图替换时,请将 map.geojson 放入数据目录。", "Boundaries are for orientation only; put map.geojson into the data directory to use an approved base map.";
    overview_no_data: "还没有导入数据。第一步:导入名册。", "Nothing has been imported yet. First step: import the roster.";
    overview_off_track: "需要补充依据最多的地区", "Areas with the most evidence missing";

    // Households.
    households_title: "农户", "Households";
    households_count: "共 {total} 户", "{total} households";
    households_q: "户号或户主姓名", "Household number or head's name";
    households_rule: "规则", "Rule";
    households_any_rule: "全部规则", "Any rule";
    households_verdict: "判定", "Verdict";
    households_any_verdict: "全部判定", "Any verdict";
    households_filter: "筛选", "Filter";
    households_clear: "清除", "Clear";
    households_none: "没有符合条件的农户。请放宽条件,或换一个地区。", "No household fits. Loosen the filter or choose another area.";
    households_next: "下一页", "Next";
    households_first: "首页", "First page";
    households_no: "户号", "Household no.";
    households_head: "户主", "Head";
    households_village: "村(组)", "Village (group)";
    households_members: "人口", "Members";
    households_class: "户属性", "Class";
    households_cause: "主要致贫原因", "Main cause";
    households_status: "脱贫属性", "Exit status";
    pager_label: "翻页", "Pages";

    // One household.
    household_title: "户 {no}", "Household {no}";
    household_of: "{name}户", "Household of {name}";
    household_cause_other: "其他致贫原因", "Other cause";
    household_income_declared: "登记人均纯收入", "Declared income per head";
    household_identified: "识别时间", "Identified";
    household_members: "家庭成员", "Members";
    household_income: "收入", "Income";
    household_reasons: "判定与理由", "Verdicts and reasons";
    household_history: "变更记录", "History";
    household_why: "理由", "Why";
    member_name: "姓名", "Name";
    member_relation: "与户主关系", "Relation";
    member_sex: "性别", "Sex";
    member_birth: "出生日期", "Born";
    member_id: "证件号码", "Identity no.";
    member_health: "健康状况", "Health";
    member_school: "在校状况 / 文化程度", "School / education";
    member_labour: "劳动能力", "Labour";
    member_work: "务工", "Work";
    member_work_months: "{months} 个月", "{months} months";
    member_insured: "医保", "Insurance";
    member_reveal: "查看证件号码", "Read identity number";
    income_item: "项目", "Item";
    income_category: "类别", "Category";
    income_counted: "计入纯收入", "Counted";
    income_counted_yes: "计入", "counted";
    income_counted_no: "不计入", "not counted";
    income_counted_cost: "扣除", "deducted";
    income_none: "没有收入测算表。导入该年度收入表后显示。", "No income sheet. It appears once that year's sheet is imported.";
    income_category_wage: "工资性收入", "Wages";
    income_category_business: "生产经营性收入", "Business";
    income_category_property: "财产性收入", "Property";
    income_category_transfer: "转移性收入", "Transfers";
    income_category_cost: "生产经营性支出", "Business costs";
    income_category_self_paid: "合规自付支出", "Self-paid costs";
    condition_dangerous: "危房", "Dangerous house";
    condition_water_safe: "饮水安全", "Safe water";
    condition_water_short: "饮水困难", "Water shortage";
    yes: "是", "yes";
    no: "否", "no";
    unknown: "不详", "unknown";
    history_what: "内容", "What";
    history_recorded: "记录于", "Recorded";
    history_source: "来源文件", "Source file";
    history_row: "第 {row} 行", "row {row}";
    reasons_all: "全部理由(可打印)", "All reasons (for print)";
    join_all: "以下全部成立", "All of these hold";
    join_one: "以下至少一项成立", "At least one of these holds";
    join_not: "以下不成立", "This does not hold";
    list_comma: "、", ", ";
    reasons_older: "判定之后资料有变动,以下结果还是变动前的;导入后立即、变动核定后约一分钟由系统重新判定", "Something about this household changed after it was judged: these answers are from before. The register is judged again by itself: after an import at once, after a decision about an event within about a minute";
    reasons_none: "规则尚未对该户运行。", "The rules have not been run for this household.";
    reasons_change: "怎样会改变结论", "What would change this";
    reasons_source: "依据:{source}", "Source: {source}";
    reasons_missing: "缺少:{what}", "Missing: {what}";

    // Reading an identity number.
    reveal_title: "查看证件号码", "Read an identity number";
    reveal_why: "理由", "Reason";
    reveal_why_help: "写明用途,例如“核对医保参保信息”。理由、时间和查看人将写入审计链。", "Say what for, such as “check the insurance enrolment”. Reason, time and reader go into the audit chain.";
    reveal_submit: "记录理由并查看", "Record the reason and show";
    reveal_done: "本次查看已记入审计链。", "This reading is recorded in the audit chain.";
    reveal_back: "返回该户", "Back to the household";
    reveal_short: "请写明理由(至少 {n} 个字)。", "Give a reason of at least {n} characters.";
    reveal_none: "该成员没有登记证件号码。", "No identity number is registered for this person.";

    // Imports.
    imports_title: "导入", "Imports";
    imports_lead: "每次导入的文件、行数和问题。被拒的行可下载改正后再次导入,已导入的行不会重复。", "Files, rows and faults of each import. Refused rows can be downloaded, corrected and imported again; rows already imported are never doubled.";
    imports_new: "导入文件", "Import files";
    imports_none: "还没有导入过文件。", "No file has been imported yet.";
    import_run: "批次 {id}", "Import {id}";
    import_when: "时间", "Time";
    import_who: "操作人", "By";
    import_state: "状态", "State";
    import_state_running: "进行中", "running";
    import_state_done: "完成", "done";
    import_state_failed: "失败", "failed";
    import_files: "文件", "Files";
    import_file: "文件", "File";
    import_layout: "识别为", "Recognised as";
    import_encoding: "编码", "Encoding";
    import_read: "读入行", "Rows read";
    import_accepted: "接受", "Accepted";
    import_rejected: "拒绝", "Refused";
    import_repaired: "修正", "Repaired";
    import_known: "以前来过的文件", "Files that had come before";
    import_known_clean: "已在第 {id} 批({at})导入,没有被拒绝的行,本次未再读取", "came with import {id} ({at}) and none of its rows was refused; not read again";
    import_known_refused: "已在第 {id} 批({at})导入,其中 {n} 行仍被拒绝,本次未再读取", "came with import {id} ({at}); {n} of its rows are still refused; not read again";
    import_withdrawn: "撤回的行", "Rows taken back";
    import_withdrawn_area: "地区", "Area";
    import_withdrawn_why: "原因", "Why";
    import_withdrawn_replaced: "新版文件中已没有", "the newer version no longer holds them";
    import_withdrawn_gone: "文件已从文件夹移除", "the file is gone from its folder";
    import_bytes: "大小", "Size";
    import_refused_file: "未能使用", "Not used";
    import_faults: "问题", "Faults";
    import_faults_kind: "问题类型", "Kind";
    import_faults_count: "行数", "Rows";
    import_faults_none: "没有发现问题。", "No fault was found.";
    import_faults_of: "“{code}”共 {n} 处", "{n} faults of kind “{code}”";
    import_faults_all: "返回全部类型", "All kinds";
    import_sheet: "工作表", "Sheet";
    import_row: "行", "Row";
    import_column: "列", "Column";
    import_message: "问题", "What is wrong";
    import_remedy: "处理办法", "Remedy";
    import_severity: "处理", "Outcome";
    import_example: "例", "Example";
    import_severity_refused: "拒绝", "refused";
    import_severity_repaired: "已修正", "repaired";
    import_severity_warning: "提示", "warning";
    import_severity_lead: "疑点", "lead";
    import_reason: "下载理由(含个人信息,将留痕)", "Reason for the download (personal data; it is recorded)";
    import_download: "下载问题清单(XLSX)", "Download the fault workbook (XLSX)";
    upload_title: "导入文件", "Import files";
    upload_own: "您可以报送:{lists}。", "Lists you send: {lists}.";
    upload_lead: "选择名册、收入表、村账等文件(XLSX 或 CSV)。先显示识别结果,确认后才写入。", "Choose rosters, income sheets, village ledgers (XLSX or CSV). You see what was recognised before anything is written.";
    upload_choose: "选择文件", "Files";
    upload_help: "可同时选择多个文件,也可把文件拖到这里。合计不超过 {mb} MB。", "Several files at once, or drop them here. Up to {mb} MB together.";
    upload_submit: "读取并预览", "Read and preview";
    upload_waiting: "已上传、尚未导入的文件", "Sent and not imported yet";
    upload_waiting_lead: "打开后可以确认导入或放弃;一周后自动删除。", "Open one to import or discard it; after a week it is removed.";
    upload_none: "没有收到文件,请先选择文件。", "No file arrived; choose files first.";
    confirm_title: "等待第二人确认", "Waiting for a second person";
    confirm_none: "没有等待确认的名单。", "Nothing waits.";
    confirm_batch: "等待确认:批次 {id}", "Waiting: batch {id}";
    confirm_lead: "这些名单作出决定(退出、资金、问题、评估),须由提交人以外的人确认后才生效。确认前请与报送单位的原件核对。", "These lists decide something (exits, money, findings, surveys). They count once somebody other than the sender confirms them; compare them with the sender's originals first.";
    confirm_typed: "填报的内容", "What was typed";
    confirm_value: "值", "Value";
    confirm_size: "大小", "Size";
    confirm_digest: "内容摘要", "Digest";
    confirm_do: "确认并导入", "Confirm and import";
    confirm_do_lead: "确认后按提交人的范围导入,两人的名字都记入审计。", "It is imported within the sender's area; both persons are in the audit.";
    confirm_reason: "理由", "Reason";
    confirm_discard_lead: "放弃后内容即删除,理由记入审计。", "The content is deleted; the reason goes into the audit.";
    preview_title: "识别结果", "What was recognised";
    preview_lead: "尚未写入任何内容。确认后开始导入;放弃则删除这些文件。", "Nothing has been written yet. Confirm to import, or discard to delete these files.";
    preview_confirm: "确认导入", "Import";
    preview_discard: "放弃", "Discard";
    preview_unusable: "不能使用", "Cannot be used";
    progress_title: "正在导入", "Importing";
    progress_lead: "页面每两秒更新;可以离开,导入会继续。", "This page updates every two seconds; you may leave, the import goes on.";
    progress_waiting: "排队等候:前一个导入完成后开始;服务器重启也不会丢失。", "Waiting for the import before it; a restart of the server loses nothing.";
    progress_failed: "导入没有完成", "The import did not finish";

    // Village ledger.
    ledger_title: "村集体收支", "Village ledger";
    ledger_none: "没有 {year} 年度村账。导入该村的收支表后显示。", "No ledger for {year}. It appears once the village's sheet is imported.";
    ledger_item: "项目", "Item";
    ledger_amount: "本年", "This year";
    ledger_prior: "上年", "Last year";
    ledger_one_off: "其中一次性", "of which one-off";
    ledger_evidence: "凭证", "Evidence";

    // Villages.
    persons_title: "人员", "Persons";
    persons_none: "没有这样的人员。", "There is no such person.";
    villages_since: "列入年份", "Since";
    villages_title: "经济薄弱村", "Weak villages";
    villages_lead: "列入名单的村及其村账。没有村账的村不计为达标。", "The designated villages and their ledgers. A village without a ledger does not count as having reached the line.";

    // Report and figures.
    report_title: "年度报告", "Annual report";
    report_figure: "公布内容", "What is published";
    report_published: "公布值", "Published";
    report_computed: "计算值", "Computed";
    report_unit: "单位", "Unit";
    report_synthetic: "示例数据:全部资料由程序生成,并非真实统计", "Example data: everything was generated by a program; these are no real statistics";
    report_verdict: "结论", "Verdict";
    report_definition: "口径", "Definition";
    report_denominator: "分母", "Denominator";
    report_notes: "数字之间的核对", "Where the figures meet";
    report_pdf: "PDF", "PDF";
    report_xlsx: "XLSX", "XLSX";
    report_docx: "DOCX", "DOCX";
    report_missing: "还缺:{what}", "Still missing: {what}";
    report_rows: "查看对应的行", "Show the rows";
    report_older: "这份报告出自第{report}次运行,其后已有第{run}次运行;链接到的行属于后者。重新生成:qibang report annual", "This report is of run {report}; run {run} came after it, and the rows behind the links are of that one. Write it again with qibang report annual";
    // Rules and code lists.
    policy_title: "规则与代码表", "Rules and code lists";
    policy_rules: "规则", "Rules";
    policy_rules_lead: "每条规则的对象、有效期和出处。“例外于”一栏写明它在哪条规则之外另作规定。", "What each rule is about, when it holds and where it comes from. The last but one column names the rule from which it departs.";
    policy_level: "对象", "About";
    policy_holds: "有效期", "Holds";
    policy_from: "{from} 起", "from {from}";
    policy_from_until: "{from} 至 {until}", "{from} to {until}";
    policy_exception: "例外于", "Exception of";
    policy_basis: "依据文件", "Documents it rests on";
    policy_basis_list: "依据对照表", "List of what rests on what";
    policy_files: "流程、补助和考核", "Procedures, benefits and assessment";
    policy_documents: "政策文件", "Policy documents";
    policy_documents_lead: "每份文件的文号、日期、是否废止,以及依据它的规则。", "Each document with its number, date, whether it is repealed, and the rules that rest on it.";
    policy_documents_none: "还没有登记政策文件。导入“扶贫政策文件目录”后,文件会出现在这里。", "No document is on record yet. They appear here once the list of policy documents is imported.";
    policy_number: "文号", "Number";
    policy_repealed: "已废止", "repealed";
    policy_rests: "依据它的规则", "Rules that rest on it";
    policy_lists: "代码表", "Code lists";
    policy_lists_lead: "“待确认”的代码表:出处只写了数目,没有逐项列出,条目名称是暂定的,须由主管部门确认后使用。", "“To be confirmed”: the source counts these things without naming them; the names here are provisional until the office in charge confirms them.";
    policy_list: "代码表", "Code list";
    policy_state: "状态", "State";
    policy_to_be_confirmed: "待确认", "to be confirmed";
    policy_sourced: "有出处", "from its source";
    policy_entries: "条目", "Entries";
    reasons_exception: "例外于:{rule}", "Exception of: {rule}";

    figure_here: "本地区", "In this area";
    figure_title: "数字 {id}", "Figure {id}";
    figure_rows: "数字背后的行", "The rows behind it";
    figure_rows_newest: "按户、人、村逐行的结果只保留最新一次运行的;这次运行的数据快照仍在。", "Rows by household, person or village are kept of the newest run only; the snapshot of this run is still there.";
    figure_rows_scope: "只列出您管辖范围内的行:{n} 行;全部 {total} 行。", "Rows within your area only: {n} of {total}.";
    figure_source: "出处", "Source";
    figure_no_rows: "这个数字不由行计算。", "This figure is not computed from rows.";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_han(c: char) -> bool {
        matches!(c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
    }

    /// Words that are the same in both languages.
    const SAME: &[&str] = &["report_pdf", "report_xlsx", "report_docx", "list_comma"];

    #[test]
    fn every_text_is_translated() {
        for (key, zh, en) in ALL {
            if SAME.contains(key) || *key == "other_language" {
                continue;
            }
            let without_quotes: String = en.replace("张**", "");
            assert!(zh.chars().any(is_han) || zh.contains('{'), "{key} has no Chinese");
            assert!(!without_quotes.chars().any(is_han), "{key} has Chinese in its English");
            assert!(!en.trim().is_empty(), "{key} has no English");
        }
    }

    #[test]
    fn both_languages_have_the_same_placeholders() {
        let names = |text: &str| {
            let mut names: Vec<String> = text
                .split('{')
                .skip(1)
                .filter_map(|rest| rest.split_once('}').map(|(name, _)| name.to_owned()))
                .collect();
            names.sort();
            names
        };
        for (key, zh, en) in ALL {
            assert_eq!(names(zh), names(en), "{key}");
        }
    }

    #[test]
    fn placeholders_are_filled() {
        assert_eq!(put(ZH.as_of, &[("date", "2016-12-31")]), "截至 2016-12-31");
    }
}
