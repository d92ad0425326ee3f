package parsers

import "bytes"

var _ = register(Parser{
	Name: "cas-audit",
	Doc: `Apereo CAS audit trail (Inspektr), one line

"stamp LEVEL [logger] - date|application|resource|ACTION|who|client|server|..."; the code is the action.`,
	Layer: IDP,
	First: "12",
	Order: 35,
	Parse: parseCASAudit,
})

var _ = register(Parser{
	Name: "siteminder",
	Doc: `SiteMinder policy server access log (smaccess)

"AuthReject host [date] "address user" "agent METHOD uri" [..] [reason] text [] []";
the code is the first word.`,
	Layer: AuthService,
	First: "AVR",
	Order: 36,
	Parse: parseSiteMinder,
})

var _ = register(Parser{
	Name: "sonarqube",
	Doc: `SonarQube's logs: web.log with its authentication events

"stamp LEVEL process[id][logger] text [cause|x][method|x][provider|x|x][IP|direct|forwarded][login|x]".`,
	Layer: App,
	First: "2",
	Order: 37,
	Parse: parseSonarQube,
})

// 2021-10-11 09:01:35,116 INFO [logger] - Mon Oct 11 09:01:35 CEST 2021|CAS|resource|ACTION|who|192.0.2.1|198.51.100.1
func parseCASAudit(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) < 60 || t[4] != '-' || t[10] != ' ' {
		return false
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
	body := t[dash+4:]
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

// casOutcome tells from CAS's action whether it worked.
func casOutcome(r *Record, action []byte) {
	switch {
	case bytes.HasSuffix(action, []byte("_FAILED")), bytes.HasSuffix(action, []byte("_NOT_CREATED")), bytes.HasSuffix(action, []byte("_REJECTED")), bytes.HasSuffix(action, []byte("_DENIED")):
		r.Outcome = Failure
	case bytes.HasSuffix(action, []byte("_SUCCESS")), bytes.HasSuffix(action, []byte("_CREATED")), bytes.HasSuffix(action, []byte("_VALIDATED")):
		r.Outcome = Success
	}
}

// AuthReject host [23/Jul/2025:09:36:18 +0200] "192.0.2.1 user" "agent GET /uri" [] [0] text [] []
func parseSiteMinder(r *Record, s *Scratch) bool {
	t := r.Text
	kind, rest := cutWord(t[:min(len(t), 40)])
	if len(rest) == 0 || !hasPrefix(kind, "Auth") && !hasPrefix(kind, "Az") && !hasPrefix(kind, "Validate") {
		return false
	}
	_, rest = cutWord(t[len(kind)+1:])
	if len(rest) < 30 || rest[0] != '[' {
		return false
	}
	when, n := s.CLF(rest[1:])
	if n == 0 || !hasPrefix(rest[n+1:], `] "`) {
		return false
	}
	subject, rest, ok := cutQuoted(rest[n+3:])
	if !ok || len(rest) < 2 {
		return false
	}
	target, rest, ok := cutQuoted(rest[1:])
	if !ok {
		return false
	}
	when.Set(r)
	addr, user := cutWord(subject)
	r.setClient(addr)
	r.setUser(user)
	agent, request := cutWord(target)
	r.setRequest(request)
	r.Logger = agent
	r.Code = kind
	rest = bytes.TrimLeft(rest, " ")
	if _, after, ok := cutBracket(rest); ok {
		rest = after
	}
	if _, after, ok := cutBracket(rest); ok {
		rest = after
	}
	r.Message = bytes.TrimRight(upTo(rest, " ["), " ")
	switch {
	case bytes.HasSuffix(kind, []byte("Reject")), bytes.HasSuffix(kind, []byte("Attempt")):
		r.Outcome = Failure
	case bytes.HasSuffix(kind, []byte("Accept")):
		r.Outcome = Success
	}
	return true
}

// 2026.03.14 09:26:53 DEBUG web[AZ1][auth.event] login failure [cause|wrong password][method|FORM][IP|192.0.2.1|198.51.100.4][login|admin]
func parseSonarQube(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) < 34 || t[4] != '.' || t[7] != '.' || t[10] != ' ' {
		return false
	}
	when, n := s.ISO(t)
	if n == 0 || t[n] != ' ' {
		return false
	}
	level, rest := cutWord(bytes.TrimLeft(t[n:], " "))
	rest = bytes.TrimLeft(rest, " ")
	i := bytes.IndexByte(rest[:min(len(rest), 24)], '[')
	if !isLevel(level) || i < 1 {
		return false
	}
	id, rest, ok1 := cutBracket(rest[i:])
	logger, rest, ok2 := cutBracket(rest)
	if !ok1 || !ok2 {
		return false
	}
	when.Set(r)
	r.Level, r.Logger = level, logger
	r.RequestID = id
	r.Message = rest
	// The login comes last and is the user's own words; the first of a name counts.
	for b := rest; ; {
		i := bytes.IndexByte(b, '[')
		if i < 0 {
			break
		}
		field, rest, ok := cutBracket(b[i:])
		if !ok {
			break
		}
		b = rest
		key := upTo(field, "|")
		if len(key) == len(field) {
			continue
		}
		value := field[len(key)+1:]
		switch string(key) {
		case "IP":
			if r.Client == nil {
				r.setClient(upTo(value, "|"))
			}
		case "login":
			if r.User == nil {
				r.setUser(value)
			}
			r.Message = bytes.TrimRight(r.Message[:len(r.Message)-len(rest)-len(field)-2], " ")
			return true
		}
	}
	return true
}
