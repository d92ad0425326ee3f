package parsers

import "bytes"

var _ = register(Parser{
	Name: "oauth2-proxy",
	Doc: `oauth2-proxy: authentication, requests and its own messages

The three default templates, with and without request id:
https://oauth2-proxy.github.io/oauth2-proxy/configuration/overview#logging-configuration`,
	Layer: AuthService,
	First: "0123456789abcdefABCDEF:[&",
	Dated: "no",
	Order: 22,
	Parse: parseOAuth2Proxy,
})

func parseOAuth2Proxy(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) > 22 && t[0] == '[' && t[5] == '/' && t[20] == ']' {
		return parseOAuth2ProxyMessage(r, s)
	}
	if hasPrefix(t, "&{") {
		return parseOAuth2ProxyDump(r, s)
	}
	// 192.0.2.1:52144 - REQUEST ID - USER [2026/03/14 09:26:53] ...
	client, rest := cutWord(t[:min(len(t), 200)])
	if len(client) < 2 || len(rest) < 30 || rest[0] != '-' || rest[1] != ' ' {
		return false
	}
	head := len(client) + 3
	at, auth := oauth2ProxyStamp(r, t[head:])
	if at < 0 {
		return false
	}
	at += head
	when, n := s.ISO(t[at+1:])
	if n == 0 {
		r.restart()
		return false
	}
	when.Set(r)
	r.setClient(client)
	who := t[head : at-1]
	if i := bytes.Index(who, []byte(" - ")); i >= 0 {
		r.RequestID = dash(who[:i])
		who = who[i+3:]
	}
	r.setUser(who)
	if auth {
		state, text, _ := cutBracket(t[at+n+3:])
		r.Code, r.Message = state, text
		switch string(state) {
		case "AuthSuccess":
			r.Outcome = Success
		case "AuthFailure":
			r.Outcome = Failure
		}
	}
	return true
}

// oauth2ProxyStamp finds the " [2006/01/02 15:04:05] " of an entry in b, and says
// whether the result of an authentication follows it. A user name may be any text,
// that of a fake entry too. So of a request's entry all must fit to its end, and of
// results the last counts.
func oauth2ProxyStamp(r *Record, b []byte) (at int, auth bool) {
	isStamp := func(i int) bool {
		return i > 0 && i+22 < len(b) && b[i] == '[' && b[i-1] == ' ' && b[i+5] == '/' && b[i+8] == '/' && b[i+14] == ':' && b[i+20] == ']' && b[i+21] == ' '
	}
	for i, tries := 0, 0; tries < 8; i++ {
		j := bytes.IndexByte(b[i:], '[')
		if j < 0 {
			break
		}
		if i += j; isStamp(i) {
			if oauth2ProxyRequest(r, b[i+22:]) {
				return i, false
			}
			tries++
		}
	}
	for end := len(b); ; {
		i := bytes.LastIndex(b[:end], []byte("] [Auth"))
		if i < 20 {
			return -1, false
		}
		if state := b[i+3:]; isStamp(i-20) && (hasPrefix(state, "AuthSuccess] ") || hasPrefix(state, "AuthFailure] ") || hasPrefix(state, "AuthError] ")) {
			return i - 20, true
		}
		end = i
	}
}

// oauth2ProxyRequest reads `host METHOD upstream "uri" PROTO "agent" status size seconds`.
func oauth2ProxyRequest(r *Record, b []byte) bool {
	host, b := cutWord(b)
	method, b := cutWord(b)
	upstream, b := cutWord(b)
	if !isMethod(method) {
		return false
	}
	uri, b, ok := cutQuoted(b)
	if !ok || len(b) < 2 {
		return false
	}
	_, b = cutWord(b[1:])
	agent, b, ok := cutQuoted(b)
	if !ok || len(b) < 4 {
		return false
	}
	status, b := cutWord(b[1:])
	size, b := cutWord(b)
	if parseStatus(status) == 0 || !isDigits(size) || len(b) == 0 || bytes.IndexByte(b, ' ') >= 0 {
		return false
	}
	r.Status = parseStatus(status)
	r.setDomain(host)
	r.Method = method
	r.setURL(uri)
	r.UserAgent = dash(agent)
	r.Upstream = dash(upstream)
	return true
}

// [2026/03/14 09:26:53] [oauthproxy.go:1064] text
func parseOAuth2ProxyMessage(r *Record, s *Scratch) bool {
	when, n := s.ISO(r.Text[1:])
	if n != 19 {
		return false
	}
	file, text, ok := cutBracket(r.Text[22:])
	if i := bytes.Index(file, []byte(".go:")); !ok || i < 0 {
		return false
	}
	when.Set(r)
	r.Logger = upTo(file, ":")
	r.pick(text, s)
	return true
}

// &{GET /oauth2/callback HTTP/1.1 1 1 map[...] ...} AuthFailure text: a version that
// printed the request where its parts belong.
func parseOAuth2ProxyDump(r *Record, s *Scratch) bool {
	t := r.Text
	i := bytes.LastIndex(t, []byte("} Auth"))
	if i < 0 {
		return false
	}
	line := upTo(t[2:i], " HTTP/")
	if len(line) == i-2 || !r.setRequest(line) {
		return false
	}
	r.Code, r.Message = cutWord(t[i+2:])
	if string(r.Code) == "AuthFailure" {
		r.Outcome = Failure
	}
	return true
}
