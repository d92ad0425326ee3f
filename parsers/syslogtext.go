package parsers

import "bytes"

var _ = register(Parser{
	Name: "syslog-text",
	Doc: `Words behind a syslog header
What a daemon says in a layout of its own: the header has the time, host and program
(RFC 3164, RFC 5424).`,
	Order: 950,
	Parse: parseSyslogText,
})

// parseSyslogText takes what no other format wanted, if syslog carried it.
func parseSyslogText(r *Record, s *Scratch) bool {
	if n := len(r.Wrappers); n == 0 || !bySyslog(r.Wrappers[n-1]) && (n < 2 || !bySyslog(r.Wrappers[n-2])) {
		return false
	}
	text := r.Text
	if text[0] == '[' {
		if end := bytes.IndexByte(text[:min(len(text), 16)], ']'); end > 0 && isLevel(text[1:end]) {
			r.Level = text[1:end]
			text = trimSpaces(text[end+1:])
		}
	} else if level, words := takeLevel(text); level != nil {
		r.Level, text = level, words
	}
	if hasPrefix(text, "Auth: [") && bytes.Contains(text, []byte("] status [NT_STATUS_")) {
		r.sambaEvent(text, s)
		return true
	}
	if name, rest, ok := bytes.Cut(text, []byte(" : ")); ok && bytes.IndexByte(name, ' ') < 0 && bytes.Contains(rest, []byte(" ; USER=")) { // sudo: who asked, then whom to be
		r.setUser(name)
	}
	r.pick(text, s)
	return true
}

func bySyslog(wrapper string) bool { return wrapper == "syslog" || wrapper == "journal" }
