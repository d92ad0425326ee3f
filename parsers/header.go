package parsers

import "bytes"

var _ = register(Parser{
	Name: "challenge",
	Doc: `A WWW-Authenticate header alone
As curl -v and people who ask for help show it: the challenge is the server's word
(RFC 9110, section 11.6.1).`,
	First: "Ww<P",
	Order: 90,
	Parse: parseChallenge,
})

func parseChallenge(r *Record, s *Scratch) bool {
	t := bytes.TrimPrefix(r.Text, []byte("< "))
	name, value, ok := bytes.Cut(t, []byte(": "))
	if !ok || len(name) != 16 && len(name) != 18 || !hasSuffixFold(name, "www-authenticate") && !hasSuffixFold(name, "proxy-authenticate") || len(value) == 0 {
		return false
	}
	value, _ = cutByte(value, '\n')
	r.Challenge, r.Message = value, value
	return true
}
