package parsers

import "bytes"

// docker takes off Docker's json-file driver:
// {"log":"text\n","stream":"stdout","time":"2026-11-22T00:12:31.589Z"}, with
// "attrs" where asked for. A text without "\n" goes on in the next line. What copied
// the file may have put spaces behind colons and commas.
func (ln *line) docker(mem []byte) (bool, []byte) {
	text, ok := bytes.CutPrefix(ln.text, []byte(`{"log":`))
	if text = afterQuote(text); !ok || text == nil {
		return false, mem
	}
	end, escaped := stringEnd(text)
	if end < 0 {
		return false, mem
	}
	text, rest := text[:end], text[end+1:]
	if !bytes.HasPrefix(rest, []byte{','}) {
		return false, mem
	}
	var c Clock
	stamp, n := c.ISO(afterQuote(after(rest, `"time":`)))
	if n == 0 {
		return false, mem
	}
	if stream := afterQuote(after(rest, `"stream":`)); len(stream) > 4 {
		ln.wraps.key = stream[:4]
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

// afterQuote returns what follows the quote that b begins with, or that stands behind one
// space; nil where there is none.
func afterQuote(b []byte) []byte {
	b = bytes.TrimPrefix(b, []byte{' '})
	if len(b) == 0 || b[0] != '"' {
		return nil
	}
	return b[1:]
}
