//! Where people of an office sit down one after another: a screen of 1366 pixels in Chinese, and a
//! phone of 360 in English.

use fantoccini::elements::Element;
use fantoccini::key::Key;
use fantoccini::{Client, Locator};
use serde_json::{Value, json};

use super::{
    TRIES, assert_sound, browser, free_port, phone, script, serve, shoot, start_driver, until, wait,
};
use crate::world::{Session, World};

/// Words of the frame and of what one may do, which a reader of English needs in English. Names of
/// people and places stand elsewhere.
const TRANSLATED: &str = "return [...document.querySelectorAll('.qb-nav a, .qb-find button, \
    main button, main h2, main thead th, main summary, .qb-actions a, main legend, \
    .qb-form .qb-muted')].map(e => e.textContent.trim())\
    .filter(text => /[\\u3400-\\u9fff]/.test(text))";

/// A browser at which one person after another works.
pub(super) struct Desk {
    pub(super) client: Client,
    base: String,
    is_phone: bool,
}

/// A form of the page, by what marks it off from others.
pub(super) struct Form<'a> {
    desk: &'a Desk,
    css: String,
}

/// Works in a world at two desks: the office's, and a phone.
pub(super) fn with_desks(world: &World, work: impl AsyncFnOnce(&Desk, &Desk)) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let port = free_port();
        let _driver = start_driver(port);
        let base = serve(world).await;
        let desk = async |extra: Value, is_phone: bool| Desk {
            client: browser(port, extra).await,
            base: base.clone(),
            is_phone,
        };
        let (office, phone) = tokio::join!(desk(json!({}), false), desk(phone(), true));
        work(&office, &phone).await;
        for desk in [office, phone] {
            desk.client.close().await.unwrap();
        }
    });
}

impl Desk {
    /// Somebody sits down who has signed in; shows the page their day begins with.
    pub(super) async fn seat(&self, session: &Session, home: &str) -> String {
        self.client.goto(&format!("{}/healthz", self.base)).await.unwrap();
        let lang = if self.is_phone { "en" } else { "zh" };
        let cookies = format!(
            "document.cookie = '{}; path=/'; document.cookie = 'qb_lang={lang}; path=/'",
            session.cookie
        );
        script(&self.client, &cookies).await;
        self.read(home).await
    }

    /// Opens a page, which has to be sound and in the reader's language, and reads it.
    pub(super) async fn read(&self, path: &str) -> String {
        self.client.goto(&format!("{}{path}", self.base)).await.unwrap();
        self.look().await
    }

    /// Waits until the office stands at a day, and opens a page then.
    pub(super) async fn read_on(&self, day: &str, path: &str) -> String {
        for _ in 0..TRIES {
            self.client.goto(&format!("{}{path}", self.base)).await.unwrap();
            let stands = "document.querySelector('.qb-asof').innerText";
            if self.says(stands).await.as_str().is_some_and(|text| text.contains(day)) {
                return self.look().await;
            }
            wait().await;
        }
        panic!("the office does not stand at {day}");
    }

    /// Reads what is shown.
    pub(super) async fn look(&self) -> String {
        let page = self.path().await;
        let text = script(&self.client, "return document.body.innerText").await;
        let text = text.as_str().unwrap().to_owned();
        assert_sound(&self.client, &page).await;
        if self.is_phone {
            let found = script(&self.client, TRANSLATED).await;
            assert_eq!(found, json!([]), "{page} is not in English");
        }
        text
    }

    /// Where the browser is, without what follows a question mark.
    pub(super) async fn path(&self) -> String {
        self.client.current_url().await.unwrap().path().to_owned()
    }

    /// Keeps a picture of a part of the page.
    pub(super) async fn shoot(&self, part: &str, name: &str) {
        self.says(&format!("document.querySelector(\"{part}\").scrollIntoView()")).await;
        shoot(&self.client, name).await;
    }

    /// What a script says about the page.
    pub(super) async fn says(&self, code: &str) -> Value {
        script(&self.client, &format!("return {code}")).await
    }

    /// Follows a link.
    pub(super) async fn follow(&self, link: &str) -> String {
        self.unfold(link).await;
        self.leave(async || self.find(link).await.click().await.unwrap()).await
    }

    /// Presses a key that the page knows by itself, together with the one that says so.
    pub(super) async fn press_access_key(&self, key: char) -> String {
        use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
        let (alt, key) =
            (KeyAction::Down { value: Key::Alt.into() }, KeyAction::Down { value: key });
        let keys = KeyActions::new("keyboard".to_owned()).then(alt).then(key);
        self.leave(async || {
            self.client.perform_actions(keys).await.unwrap();
            self.client.release_actions().await.unwrap();
        })
        .await
    }

    /// Does what leads to another page, and waits for it.
    async fn leave(&self, does: impl AsyncFnOnce()) -> String {
        script(&self.client, "window.isLeft = true").await;
        let otherwise = format!("{} is not left", self.path().await);
        does().await;
        let arrived = "return !window.isLeft && document.readyState === 'complete'";
        until(&self.client, &otherwise, arrived).await;
        self.look().await
    }

    async fn find(&self, css: &str) -> Element {
        let found = self.client.find(Locator::Css(css)).await;
        match found {
            Ok(element) => element,
            Err(error) => {
                let text = script(&self.client, "return document.body.innerText").await;
                panic!("{css} is not at {}: {error}: {text}", self.path().await)
            }
        }
    }

    /// A form, unfolded where it is folded away.
    pub(super) async fn form(&self, css: &str) -> Form<'_> {
        self.unfold(css).await;
        Form { desk: self, css: css.to_owned() }
    }

    /// Opens what something is folded away in, as its reader does.
    async fn unfold(&self, css: &str) {
        let folded = format!(
            "(fold => {{ if (fold) fold.firstElementChild.id = 'unfolds'; return fold !== null; }})\
             ((document.querySelector(\"{css}\")?.closest('details:not([open])')) ?? null)"
        );
        if self.says(&folded).await == Value::Bool(true) {
            self.find("#unfolds").await.click().await.unwrap();
            self.says("document.getElementById('unfolds').removeAttribute('id')").await;
        }
    }
}

impl Form<'_> {
    /// The form of a step of a case.
    pub(super) fn step(transition: &str) -> String {
        format!("form:has([name=transition][value={transition}])")
    }

    /// Fills in a field: a day as it is written in the store, a choice by its code.
    pub(super) async fn set(&self, name: &str, value: &str) -> &Self {
        let field = self.desk.find(&format!("{} [name='{name}']", self.css)).await;
        let kind = field.prop("type").await.unwrap().unwrap_or_default();
        if kind.starts_with("select") {
            field.select_by_value(value).await.unwrap();
        } else if kind == "date" {
            let parts: Vec<&str> = value.split('-').collect();
            let typed = format!("{}{}{}", parts[1], parts[2], parts[0]);
            field.send_keys(&typed).await.unwrap();
            let held = field.prop("value").await.unwrap();
            assert_eq!(held.as_deref(), Some(value), "{name}");
        } else {
            field.clear().await.unwrap();
            field.send_keys(value).await.unwrap();
        }
        self
    }

    /// Fills in several fields.
    pub(super) async fn fill(&self, fields: &[(&str, &str)]) -> &Self {
        for (name, value) in fields {
            self.set(name, value).await;
        }
        self
    }

    /// Ticks a box.
    pub(super) async fn tick(&self, name: &str, value: &str) -> &Self {
        let css = format!("{} [name='{name}'][value='{value}']", self.css);
        self.desk.find(&css).await.click().await.unwrap();
        self
    }

    /// Presses the button, and reads what is shown then.
    pub(super) async fn send(&self) -> String {
        self.press("[type=submit]").await
    }

    /// Presses one of several buttons.
    pub(super) async fn press(&self, button: &str) -> String {
        let button = self.desk.find(&format!("{} {button}", self.css)).await;
        self.desk.leave(async || button.click().await.unwrap()).await
    }

    /// Sends the form by the one key that a button which has the focus needs.
    pub(super) async fn enter(&self) -> String {
        let button = self.desk.find(&format!("{} [type=submit]", self.css)).await;
        let key = char::from(Key::Enter).to_string();
        self.desk.leave(async || button.send_keys(&key).await.unwrap()).await
    }
}
