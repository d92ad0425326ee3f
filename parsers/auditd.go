package parsers

import "bytes"

var _ = register(Parser{
	Name: "auditd",
	Doc: `Linux audit records
"type=USER_LOGIN msg=audit(epoch:serial): key=value ... msg='key=value ...'", the code is
the type: https://github.com/linux-audit/audit-documentation/wiki/SPEC-Writing-Good-Events`,
	Layer: App,
	First: "tn",
	Order: 33,
	Parse: parseAuditd,
})

func parseAuditd(r *Record, s *Scratch) bool {
	t := r.Text
	if !hasPrefix(t, "type=") && !hasPrefix(t, "node=") {
		return false
	}
	i := bytes.Index(t[:min(len(t), 200)], []byte(" msg=audit("))
	if i < 0 {
		return false
	}
	when, n := s.Epoch(t[i+11:])
	end := bytes.Index(t[i:min(len(t), i+60)], []byte("): "))
	if n == 0 || end < 0 {
		return false
	}
	when.Set(r)
	r.Code = upTo(after(t[:i], "type="), " ")
	r.Message = t[i+end+3:]
	// Values of the kernel come first, those of the program within msg='...'.
	rest := r.Message
	if i := bytes.Index(rest, []byte(" msg='")); i >= 0 {
		rest = rest[i+6:]
	}
	for len(rest) > 0 {
		eq := bytes.IndexByte(rest, '=')
		if eq < 0 {
			break
		}
		key, value := wordBefore(rest[:eq]), rest[eq+1:]
		if text, after, ok := cutQuoted(value); ok {
			value, rest = text, after
		} else {
			value, rest = cutByte(value, ' ')
		}
		r.auditField(key, bytes.TrimRight(value, "'"))
	}
	return true
}

func (r *Record) auditField(key, value []byte) {
	switch string(key) {
	case "acct":
		if string(value) != "(unknown)" && string(value) != "?" {
			r.setUser(value)
		}
	case "addr":
		if isAddress(value) {
			r.Client = value
		}
	case "res", "success":
		switch string(value) {
		case "failed", "0", "no":
			r.Outcome = Failure
		case "success", "1", "yes":
			r.Outcome = Success
		}
	}
}
