package parsers

import "bytes"

var _ = register(Parser{
	Name: "atlassian",
	Doc: `Jira's logs: application and security

"stamp thread [LEVEL] user request session address path [logger] text".`,
	Layer: App,
	First: "2",
	Dated: "__________ ________,",
	Order: 57,
	Parse: parseAtlassian,
})

// 2026-03-14 09:26:53,589+0000 http-nio-8080-exec-3 anonymous 566x1x1 abc 192.0.2.1,198.51.100.4 /login.jsp The user 'kim' has FAILED authentication.
func parseAtlassian(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) < 60 || t[10] != ' ' || t[19] != ',' {
		return false
	}
	_, rest := cutWord(t[19:min(len(t), 300)])
	if !hasPrefix(rest, "http-") && !hasPrefix(rest, "https-") {
		return false
	}
	_, rest = cutWord(rest)
	word, rest := cutWord(rest)
	var level []byte
	if isLevel(word) {
		level = word
		word, rest = cutWord(trimSpaces(rest))
	}
	request, rest := cutWord(rest)
	if x := bytes.IndexByte(request, 'x'); x < 1 || !isDigits(request[:x]) {
		return false
	}
	_, rest = cutWord(rest) // session
	addr, rest := cutWord(rest)
	path, rest := cutWord(rest)
	when, n := s.ISO(t)
	if n == 0 || !isAddress(upTo(addr, ",")) {
		return false
	}
	when.Set(r)
	r.Level = level
	if string(word) != "anonymous" {
		r.setUser(word)
	}
	r.RequestID = request
	r.setClient(addr)
	r.setURL(path)
	text := t[min(len(t), 300)-len(rest):]
	if len(rest) == 0 {
		text = nil
	}
	if logger, after, ok := cutBracket(text); ok {
		r.Logger, text = logger, after
	}
	if who, ok := bytes.CutPrefix(text, []byte("The user '")); ok { // and no quote of the name is escaped
		if i := bytes.LastIndex(who, []byte("' has ")); i > 0 {
			r.setUser(who[:i])
		}
	}
	r.pick(text, s)
	return true
}
