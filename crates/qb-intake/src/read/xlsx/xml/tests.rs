use super::*;

/// Elements, texts and entities of a document cut into blocks of `size` bytes.
fn events(document: &str, size: usize) -> Result<Vec<String>, FileFault> {
    let mut walker = Walker::new("test");
    let mut found: Vec<String> = Vec::new();
    let mut decoder = Decoder::default();
    let blocks: Vec<&[u8]> = document.as_bytes().chunks(size).collect();
    for (at, block) in blocks.iter().enumerate() {
        let last = at + 1 == blocks.len();
        let text = decoder.decode(block, last).to_vec();
        walker.feed(&text, last, &mut |event, _| {
            let text = match &event {
                Event::Text(text) if found.last().is_some_and(|last| last.starts_with('=')) => {
                    let joined = found.pop().unwrap() + text;
                    found.push(joined);
                    return Ok::<_, FileFault>(Flow::Continue);
                }
                Event::Start(start) => format!("<{}", &**start),
                Event::Empty(start) => format!("<{}/", &**start),
                Event::End(end) => format!("/{}", &**end),
                Event::Text(text) => format!("={}", &**text),
                Event::CData(text) => format!("[{}", &**text),
                Event::GeneralRef(name) => format!("&{}", &**name),
                _ => String::new(),
            };
            found.push(text);
            Ok(Flow::Continue)
        })?;
    }
    Ok(found)
}

#[test]
fn a_document_gives_the_same_events_in_blocks_of_any_size() {
    let document = "<?xml version='1.0'?><a>\n<b c='>' d=\"x>y\"/>1 > 2 &amp; 徐州\u{feff}𠮷&#x4E00;<!-- a > b -->\
        <![CDATA[<x> & ]]]>t</a ><e\n f='1'\t/>";
    let whole = events(document, document.len()).unwrap();
    assert!(whole.contains(&"[<x> & ]".to_owned()) && whole.contains(&"&amp".to_owned()));
    for size in 1..document.len() {
        assert_eq!(events(document, size).unwrap(), whole, "blocks of {size}");
    }
}

#[test]
fn a_document_type_is_refused_and_an_end_that_is_missing_is_told() {
    assert_eq!(
        events("<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", 99).unwrap_err().code,
        "file_malformed"
    );
    assert_eq!(events("<a><b c='", 99).unwrap_err().code, "file_truncated");
}

#[test]
fn a_text_of_many_blocks_is_not_held_back() {
    let mut walker = Walker::new("test");
    let mut bytes = 0;
    for _ in 0..200 {
        walker
            .feed(&[b'a'; 1 << 16], false, &mut |event, _| {
                bytes += event.len();
                Ok::<_, FileFault>(Flow::Continue)
            })
            .unwrap();
    }
    assert_eq!((bytes, walker.pending.len()), (200 << 16, 0));
}

#[test]
fn a_tag_that_does_not_end_is_refused_before_it_fills_the_memory() {
    let mut walker = Walker::new("test");
    let fed = (0..MARKUP_BYTES_MAX >> 15).try_for_each(|at| {
        let block = if at == 0 { [b'<'; 1 << 16] } else { [b'a'; 1 << 16] };
        walker.feed(&block, false, &mut |_, _| Ok::<_, FileFault>(Flow::Continue)).map(|_| ())
    });
    assert_eq!(fed.unwrap_err().code, "file_malformed");
}

#[test]
fn a_part_is_read_in_the_encoding_it_declares() {
    let document = "<?xml version=\"1.0\" encoding=\"UTF-16\"?><a>徐州𠮷</a>";
    let units: Vec<u16> = document.encode_utf16().collect();
    let little: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let big: Vec<u8> = units.iter().flat_map(|unit| unit.to_be_bytes()).collect();
    let marked = [b"\xff\xfe".as_slice(), &little].concat();
    let national = document.replace("UTF-16", "gb2312");
    let (gb, _, _) = encoding_rs::GB18030.encode(&national);
    for (bytes, expected) in [
        (little.as_slice(), document),
        (&big, document),
        (&marked, document),
        (&gb, &national),
        (document.as_bytes(), document),
    ] {
        let mut decoder = Decoder::default();
        let (first, rest) = bytes.split_at(bytes.len() - 7);
        let mut text = decoder.decode(first, false).to_vec();
        text.extend_from_slice(decoder.decode(rest, true));
        assert_eq!(String::from_utf8(text).unwrap(), expected);
    }
}
