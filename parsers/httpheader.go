package parsers

import "bytes"

var _ = register(Parser{
	Name: "http-header",
	Doc: `A challenge as it stands in a response

"WWW-Authenticate: scheme ..." on a line of its own, as traces, test logs and curl
show it (RFC 9110, section 11.6.1), with "< " before or not.`,
	First: "WwPp<",
	Order: 60,
	Parse: parseHTTPHeader,
})

func parseHTTPHeader(r *Record, s *Scratch) bool {
	t := bytes.TrimPrefix(r.Text, []byte("< "))
	for _, name := range [...]string{"www-authenticate: ", "proxy-authenticate: "} {
		if len(t) > len(name) && bytes.EqualFold(t[:len(name)], []byte(name)) {
			r.Challenge = t[len(name):]
			r.Message = r.Challenge
			return true
		}
	}
	return false
}
