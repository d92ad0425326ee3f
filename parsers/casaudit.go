package parsers

import "bytes"

var _ = register(Parser{
	Name: "cas-audit",
	Doc: `Apereo CAS audit trail (Inspektr)

"stamp LEVEL [logger] - date|application|resource|ACTION|who|client|server|...", or
"Audit trail record BEGIN" and a line for each field; the code is the action.`,
	Layer: IDP,
	First: "12",
	Dated: "__________ ",
	Order: 35,
	Parse: parseCASAudit,
})

// 2021-10-11 09:01:35,116 INFO [logger] - Mon Oct 11 09:01:35 CEST 2021|CAS|resource|ACTION|who|192.0.2.1|198.51.100.1
func parseCASAudit(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) < 60 || t[4] != '-' || t[10] != ' ' {
		return false
	}
	if r.Lines > 1 {
		if head, fields := cutByte(t, '\n'); bytes.HasSuffix(head, auditBegin) {
			return parseAuditBlock(r, s, head, fields)
		}
	}
	dash := bytes.Index(t[:min(len(t), 200)], []byte("] - "))
	if dash < 0 || bytes.IndexByte(t[dash:min(len(t), dash+40)], '|') < 0 {
		return false
	}
	when, n := s.ISO(t)
	if n == 0 {
		return false
	}
	level, rest := cutWord(bytes.TrimLeft(t[n:], " "))
	logger, _, ok := cutBracket(rest)
	// The resource is what somebody typed: the fields are counted from the end.
	last := func(b []byte) ([]byte, []byte) {
		i := bytes.LastIndexByte(b, '|')
		if i < 0 {
			return nil, nil
		}
		return b[:i], b[i+1:]
	}
	body := bytes.Trim(t[dash+4:], "<>")
	var server, client, who, action []byte
	for {
		body, server = last(body)
		if body == nil {
			return false
		}
		if isAddress(bytes.TrimSpace(server)) {
			break
		}
		// Newer versions add the agent and the place behind it.
		if len(t)-len(body) > 4096 {
			return false
		}
	}
	body, client = last(body)
	body, who = last(body)
	body, action = last(body)
	if !ok || body == nil || len(action) < 4 {
		return false
	}
	when.Set(r)
	r.Level, r.Logger = level, logger
	r.Code, r.Message = action, action
	r.setClient(client)
	r.setUser(who)
	casOutcome(r, action)
	return true
}

// parseAuditBlock reads "WHO: name", "ACTION: ..." and the like, of which each has a
// line; of two alike the last counts, as the action stands behind what somebody typed.
func parseAuditBlock(r *Record, s *Scratch, head, fields []byte) bool {
	when, n := s.ISO(head)
	if n == 0 {
		return false
	}
	var who, action, client []byte
	for fields != nil {
		var line []byte
		line, fields = cutByte(fields, '\n')
		if key, value, ok := bytes.Cut(line, []byte(": ")); ok {
			switch string(key) {
			case "WHO":
				who = value
			case "ACTION":
				action = value
			case "CLIENT IP ADDRESS":
				client = value
			}
		}
	}
	if action == nil {
		return false
	}
	when.Set(r)
	level, rest := cutWord(bytes.TrimLeft(head[n:], " "))
	r.Level = level
	r.Logger, _, _ = cutBracket(rest)
	r.Code, r.Message = action, action
	r.setClient(client)
	r.setUser(who)
	casOutcome(r, action)
	return true
}

// casOutcome tells from CAS's action whether it worked.
func casOutcome(r *Record, action []byte) {
	switch {
	case bytes.HasSuffix(action, []byte("_FAILED")), bytes.HasSuffix(action, []byte("_NOT_CREATED")), bytes.HasSuffix(action, []byte("_REJECTED")), bytes.HasSuffix(action, []byte("_DENIED")):
		r.Outcome = Failure
	case bytes.HasSuffix(action, []byte("_SUCCESS")), bytes.HasSuffix(action, []byte("_CREATED")), bytes.HasSuffix(action, []byte("_VALIDATED")):
		r.Outcome = Success
	}
}
