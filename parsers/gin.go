package parsers

import "bytes"

var _ = register(Parser{
	Name: "gin",
	Doc: `Gin's request log

"[GIN] 2026/11/22 - 00:12:31 | 401 | 84µs | address | GET "/path"", also without
the name before: https://pkg.go.dev/github.com/gin-gonic/gin#LogFormatter; and Fiber's
"00:12:31 | 401 | 84µs | address | GET | /path | error".`,
	Layer: App,
	First: "[012E",
	Dated: "no",
	Order: 44,
	Parse: parseGin,
})

func parseGin(r *Record, s *Scratch) bool {
	t := r.Text
	if hasPrefix(t, "Error #") && len(t) > 12 && t[9] == ':' { // of the request before
		r.pick(t[11:], s)
		return true
	}
	if len(t) < 40 {
		return false
	}
	if t[0] == '[' {
		i := bytes.IndexByte(t[:min(len(t), 24)], ']')
		if i < 2 || t[1]-'0' <= 9 || t[i+1] != ' ' {
			return false
		}
		t = t[i+2:]
	}
	if len(t) < 30 || (t[4] != '/' || t[11] != '-') && (t[2] != ':' || t[9] != '|') {
		return false
	}
	when, n := s.Any(t, false)
	if n == 0 || !hasPrefix(t[n:], " | ") {
		return false
	}
	status, rest := t[n+3:min(len(t), n+6)], t[min(len(t), n+6):]
	latency := bytes.IndexByte(rest, '|')
	if parseStatus(status) == 0 || latency < 0 {
		return false
	}
	rest = rest[latency+1:]
	bar := bytes.IndexByte(rest, '|')
	if bar < 0 {
		return false
	}
	addr := bytes.TrimLeft(rest[bar+1:], " ")
	bar = bytes.IndexByte(addr, '|')
	if bar < 0 {
		return false
	}
	when.Set(r)
	r.Status = parseStatus(status)
	r.setClient(bytes.TrimSpace(addr[:bar]))
	line := upTo(bytes.TrimLeft(addr[bar+1:], " "), "\n") // errors follow on lines of their own
	method, path := cutWord(line)
	if isMethod(method) {
		r.Method = method
		path = bytes.TrimLeft(path, " ")
		if hasPrefix(path, "| ") { // Fiber
			path, r.Message, _ = bytes.Cut(path[2:], []byte(" | "))
			path, r.Message = bytes.TrimRight(path, " "), dash(r.Message)
		}
		if text, _, ok := cutQuoted(path); ok {
			path = text
		}
		r.setURL(path)
	}
	if i := bytes.IndexByte(addr, '\n'); i >= 0 {
		r.Message = bytes.TrimSpace(addr[i:])
	}
	return true
}
