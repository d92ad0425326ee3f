package parsers

import "bytes"

var _ = register(Parser{
	Name: "vsftpd",
	Doc: `vsftpd's own log
"Sun Nov 22 00:12:31 2026 [pid 812] [NAME] FAIL LOGIN: Client "ADDRESS"" (vsf_log_do_log
in logging.c). A name may hold brackets and quotes.`,
	Layer: App,
	First: "SMTWF",
	Order: 39,
	Parse: parseVSFTPD,
})

func parseVSFTPD(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) < 40 || t[3] != ' ' {
		return false
	}
	when, n := s.Ctime(t)
	if n == 0 || !hasPrefix(t[n:], " [pid ") {
		return false
	}
	_, rest, ok := cutBracket(t[n+1:])
	at := bytes.LastIndex(rest, []byte(`: Client "`))
	if !ok || at < 0 {
		return false
	}
	action := rest[:at]
	if i := bytes.LastIndex(action, []byte("] ")); i > 0 && action[0] == '[' {
		r.setUser(action[1:i])
		action = action[i+2:]
	}
	when.Set(r)
	client := rest[at+10:]
	r.setClient(upTo(client, `"`))
	r.Message = action
	switch {
	case hasPrefix(action, "OK LOGIN"):
		r.Outcome = Success
	case hasPrefix(action, "FAIL LOGIN"):
		r.Outcome = Failure
	}
	return true
}
