package parsers

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
	if len(r.Wrappers) == 0 || r.Wrappers[len(r.Wrappers)-1] != "syslog" && (len(r.Wrappers) < 2 || r.Wrappers[len(r.Wrappers)-2] != "syslog") {
		return false
	}
	text := r.Text
	var h head
	if n := h.part(text, s); n > 0 && h.level != nil && h.stamps == 0 {
		r.Level = h.level
		text = trimSpaces(text[n:])
	}
	r.pick(text, s)
	return true
}
