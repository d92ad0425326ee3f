package parsers

import "bytes"

var _ = register(Parser{
	Name: "ruby-logger",
	Doc: `Ruby's Logger: Rails in production, Sidekiq, Puppet

"W, [2026-03-14T09:26:53.589123 #41]  WARN -- program: [request id] text".
Rails' own sentences are read like those of format rails.`,
	Layer: App,
	First: "DIWEFUA",
	Order: 16,
	Parse: parseRubyLogger,
})

func parseRubyLogger(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) < 30 || t[1] != ',' || t[2] != ' ' || t[3] != '[' {
		return false
	}
	when, n := s.ISO(t[4:])
	if n == 0 {
		return false
	}
	i := bytes.Index(t[:min(len(t), 120)], []byte(" -- "))
	if i < n+4 {
		return false
	}
	_, level := cutLastWord(t[:i])
	if !isLevel(level) && string(level) != "ANY" && string(level) != "UNKNOWN" {
		return false
	}
	colon := bytes.Index(t[i+3:], []byte(": "))
	if colon < 0 {
		return false
	}
	when.Set(r)
	r.Level = level
	if colon > 1 {
		r.Logger = t[i+4 : i+3+colon]
	}
	r.Thread = after(t[n+4:i], " #")
	r.Thread = upTo(r.Thread, "]")
	r.Message = trimSpaces(t[i+3+colon+2:])
	railsTags(r)
	if !railsSentence(r) {
		r.pick(r.Message, s)
	}
	return true
}
