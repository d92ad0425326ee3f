package parsers

import "bytes"

var _ = register(Parser{
	Name: "nginx-proxy-manager",
	Doc: `Nginx Proxy Manager access log

"[stamp] cache upstream-status status - METHOD scheme host "URI" [Client x] [Length n]
[Gzip n] [Sent-to x] "agent" "referer"", the first two and Sent-to for proxied hosts only.`,
	Layer: Edge,
	First: "[",
	Order: 20,
	Parse: parseNginxProxyManager,
})

func parseNginxProxyManager(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) < 70 || t[3] != '/' || t[7] != '/' {
		return false
	}
	when, n := s.CLF(t[1:])
	if n == 0 || !hasPrefix(t[n+1:], "] ") {
		return false
	}
	// Up to three words, of which the last is the status, before "- METHOD".
	rest := t[n+3:]
	var word, method []byte
	var status uint16
	for range 4 {
		if hasPrefix(rest, "- ") && status > 0 {
			if method, _ = cutWord(rest[2:]); isMethod(method) {
				break
			}
		}
		word, rest = cutWord(rest)
		status = parseStatus(word)
		method = nil
	}
	if method == nil || status == 0 {
		return false
	}
	_, rest = cutWord(rest[2+len(method)+1:]) // scheme
	host, rest := cutWord(rest)
	// nginx writes quotes of the URI as \x22: it ends where "[Client" follows.
	end := bytes.Index(rest, []byte(`" [Client `))
	if end < 1 || rest[0] != '"' {
		return false
	}
	uri := rest[1:end]
	client, rest, ok := cutBracket(rest[end+2:])
	if !ok {
		return false
	}
	when.Set(r)
	r.Status, r.Method = status, method
	r.setURL(uri)
	r.setDomain(host)
	r.setClient(client[len("Client "):])
	for {
		field, after, ok := cutBracket(rest)
		if !ok {
			break
		}
		if hasPrefix(field, "Sent-to ") {
			r.Upstream = field[8:]
		}
		rest = after
	}
	if quoted, _, ok := cutLastQuote(rest); ok && len(quoted) > 0 && quoted[0] == '"' {
		if i := bytes.LastIndex(quoted, []byte(`" "`)); i > 0 {
			r.UserAgent, r.Origin = dash(quoted[1:i]), dash(quoted[i+3:])
		}
	}
	return true
}
