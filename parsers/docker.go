package parsers

import "bytes"

// docker takes off Docker's json-file driver:
// {"log":"text\n","stream":"stdout","time":"2026-11-22T00:12:31.589Z"}, with
// "attrs" where asked for. A text without "\n" goes on in the next line.
func (ln *line) docker(mem []byte) (bool, []byte) {
	t := ln.text
	if !bytes.HasPrefix(t, []byte(`{"log":"`)) {
		return false, mem
	}
	text := t[len(`{"log":"`):]
	end, escaped := stringEnd(text)
	if end < 0 {
		return false, mem
	}
	text, rest := text[:end], text[end+1:]
	at := bytes.Index(rest, []byte(`"time":"`))
	if at < 0 || !bytes.HasPrefix(rest, []byte(`,"`)) {
		return false, mem
	}
	var c Clock
	stamp, n := c.ISO(rest[at+len(`"time":"`):])
	if n == 0 {
		return false, mem
	}
	if stream := bytes.Index(rest, []byte(`"stream":"`)); stream >= 0 {
		ln.wraps.key = rest[stream+len(`"stream":"`):][:4]
	}
	ln.partial = true
	if bytes.HasSuffix(text, []byte(`\n`)) {
		text, ln.partial = text[:len(text)-2], false
		if bytes.HasSuffix(text, []byte(`\r`)) {
			text = text[:len(text)-2]
		}
	}
	if escaped && bytes.IndexByte(text, '\\') >= 0 {
		n := len(mem)
		mem = appendUnescaped(mem, text)
		text, ln.owned = mem[n:], true
	}
	ln.wraps.setStamp(stamp, nil)
	return ln.wrapped(wrapDocker, text), mem
}
