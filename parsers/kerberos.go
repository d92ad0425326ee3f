package parsers

import "bytes"

var _ = register(Parser{
	Name: "krb5kdc",
	Doc: `MIT Kerberos' key distribution centre

"stamp host krb5kdc[pid](level): AS_REQ (etypes) address: CODE: principal for service, text".`,
	Layer: IDP,
	First: "JFMASOND",
	Order: 39,
	Parse: parseKDC,
})

func parseKDC(r *Record, s *Scratch) bool {
	t := r.Text
	i := bytes.Index(t[:min(len(t), 120)], []byte("krb5kdc["))
	if i < 16 {
		return false
	}
	when, n := s.Syslog(t)
	if n == 0 || n >= i {
		return false
	}
	rest := t[i:]
	colon := bytes.Index(rest[:min(len(rest), 40)], []byte("): "))
	if colon < 0 {
		return false
	}
	when.Set(r)
	r.Upstream = bytes.TrimSpace(t[n:i])
	head := rest[:colon]
	if j := bytes.IndexByte(head, '('); j > 0 {
		r.Level = head[j+1:]
	}
	r.Logger = rest[:7]
	rest = rest[colon+3:]
	// AS_REQ (4 etypes {...}) 192.0.2.1: CODE: principal for service, text
	if j := bytes.Index(rest[:min(len(rest), 300)], []byte("}) ")); j >= 0 {
		addr, _, tail := cutAddress(rest[j+3:])
		if addr != nil && hasPrefix(tail, ": ") {
			r.Client = addr
			tail = tail[2:]
			code := upTo(tail, ": ")
			if len(code) < len(tail) && len(code) < 40 {
				r.Code = code
				who := tail[len(code)+2:]
				if k := bytes.Index(who, []byte(" for ")); k > 0 && bytes.IndexByte(code, ' ') < 0 {
					r.setUser(who[:k])
				}
			}
		}
	}
	r.Message = rest
	return true
}
