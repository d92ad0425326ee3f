package engine

import (
	"bytes"

	"why401/parsers"
)

// admits reports whether r's own words say that somebody was let in: "login ok for
// kim from 192.0.2.1", "connection authorized: user=kim". Who attacks and who mistyped
// is told by who gets in, and applications say so without a status.
func admits(r *parsers.Record) bool {
	if r.Outcome != parsers.OutcomeUnknown || r.Status != 0 || r.User == nil && r.Client == nil {
		return false
	}
	event := isLoginEvent(r)
	if len(r.Message) < 8 && !event {
		return false
	}
	var low [256]byte
	words := low[:copy(low[:], r.Message)]
	for i, c := range words {
		if c-'A' < 26 {
			words[i] = c | 0x20
		}
	}
	switch {
	case event:
		return !anyOf(words, "fail", "den", "invalid", "refus", "reject", "wrong", "incorrect") && (!anyOf(words, "error") || anyOf(words, "login_no_error"))
	case anyOf(words, ", sasl_username=") && anyOf(words, "client="), // Postfix, of mail that it takes
		anyOf(words, "peer connection initiated with"),                      // OpenVPN
		anyOf(words, "cmd=auth;") && !anyOf(words, "error="),                // Zimbra
		anyOf(words, "auth=server, ") && anyOf(words, ", authid="),          // Sendmail
		anyOf(words, "audit - user ") && anyOf(words, "attempts=1 start="),  // F5's mod_auth_pam
		anyOf(words, "default sslvpn login ", "default sslvpn tcpconnstat"), // NetScaler
		anyOf(words, "auth_event: authenticated user '"):                    // Junos
		return !anyOf(words, "fail", "reject")
	case !anyOf(words, "login", "logon", "logged", "log in", "sign", "auth", "session", "password", "passcode"):
		return false
	case anyOf(words, "fail", "den", "invalid", "incorrect", "refus", "reject", "unsuccess", " not ", "n't", "error", "wrong", "unknown", "expire",
		"cannot", "unauth", "never", " page", " form", "will ", "requir", "logged out", "signed out", "cron", "if ", "attempting", "lock"):
		return false
	case anyOf(words, "logged in", "logged on", "signed in", "connection authorized", "connection authenticated", "session created for", "session started for",
		"authenticated for user", "user authenticated", "password accepted", "login, user=", "auth-success", "authenticated as "), bytes.HasPrefix(words, []byte("authenticated")):
		return true
	case anyOf(words, "session started", "session opened for", "session established"): // and not closed, nor a job's
		return r.User != nil && r.Client != nil
	case anyOf(words, "login", "logon", "log in", "log-in", "sign in", "sign-in", "signin", "authentication", "authenticated", "auth "),
		anyOf(words, "password", "passcode") && !anyOf(words, "chang", "reset", "updat", " set", "recover", "new ", "link", "mail"):
		return anyOf(words, "success", "succeeded", "granted", "accepted", "allowed", "permitted", "passed", " ok ", " ok,", ": ok") || bytes.HasSuffix(words, []byte(" ok")) ||
			bytes.HasPrefix(words, []byte("ok "))
	}
	return false
}

// isLoginEvent reports whether r is an event of a kind that only happens when somebody
// is let in, by a field that names kinds and its value: authentik's action login, FortiOS'
// tunnel-up, Google's LoginService.loginSuccess, Windows' 4624.
func isLoginEvent(r *parsers.Record) bool {
	for i := range r.Attrs {
		a := &r.Attrs[i]
		if a.Kind <= parsers.Number && (namesKinds(a.Key) && isLogin(a.Value, r) || a.Parent < 0 && namesDeeds(a.Key) && isDeed(a.Value)) {
			return !deniedBy(r)
		}
	}
	return false
}

// namesDeeds reports whether a key is one under which events say what was done.
func namesDeeds(key []byte) bool {
	switch string(key) {
	case "action", "event", "event_type", "eventType", "EVENT_TYPE", "event_name", "eventName", "event.action", "operation", "activity", "type":
		return true
	}
	return false
}

// isDeed reports whether v is the name of what somebody does who logs in.
func isDeed(v []byte) bool {
	if len(v) < 5 || len(v) > 12 {
		return false
	}
	var b [12]byte
	switch string(normal(b[:0], v)) {
	case "login", "userlogin", "usersignin", "signin", "logon", "userlogon", "tunnelup", "sslnewcon":
		return true
	}
	return false
}

// namesKinds reports whether a key is one under which events say of what kind they are.
func namesKinds(key []byte) bool {
	if len(key) < 4 || len(key) > 13 {
		return false
	}
	var b [13]byte
	switch string(normal(b[:0], key)) {
	case "action", "event", "eventtype", "eventname", "eventid", "eventaction", "eventcode", "type", "name", "category", "operation", "operationname",
		"methodname", "activity", "activitytype", "loginstatus", "message", "code":
		return true
	}
	return false
}

// isLogin reports whether the kind v of an event says that a login worked.
func isLogin(v []byte, r *parsers.Record) bool {
	switch string(v) {
	case "4624": // https://learn.microsoft.com/windows/security/threat-protection/auditing/event-4624
		return hasAttr(r, "TargetUserName")
	case "s": // https://auth0.com/docs/deploy-monitor/logs/log-event-type-codes
		return hasAttr(r, "user_name")
	}
	if len(v) < 7 || len(v) > 48 || bytes.IndexByte(v, ' ') >= 0 {
		return false
	}
	var b [48]byte
	kind := normal(b[:0], v)
	if string(kind) == "credentialsok" || string(kind) == "loginnoerror" { // 1Password, Salesforce
		return true
	}
	if anyOf(kind, "fail", "un", "err", "attempt", "out", "start", "begin", "request") {
		return false
	}
	for _, done := range [...]string{"success", "succeeded", "successful", "succeed", "succ", "ok", "accepted", "granted"} {
		if rest, ok := bytes.CutSuffix(kind, []byte(done)); ok {
			return anyOf(rest, "login", "logon", "signin", "auth") && !anyOf(rest, "author")
		}
	}
	return anyOf(kind, "loggedin", "loggedon", "signedin", "successfullogin", "loginsuccess", "authsuccess", "authenticationsuccess", "successfulauth")
}

func hasAttr(r *parsers.Record, key string) bool {
	for i := range r.Attrs {
		if string(r.Attrs[i].Key) == key {
			return true
		}
	}
	return false
}

// normal appends the letters and digits of v, in lower case, to b.
func normal(b, v []byte) []byte {
	for _, c := range v {
		switch {
		case c-'A' < 26:
			b = append(b, c|0x20)
		case c-'a' < 26, c-'0' < 10:
			b = append(b, c)
		}
	}
	return b
}

// deniedBy reports whether a field of r says no to what the event is called.
func deniedBy(r *parsers.Record) bool {
	for i := range r.Attrs {
		switch string(bytes.ToLower(r.Attrs[i].Value)) {
		case "false", "no", "ko", "nok", "denied", "deny", "failed", "failure", "fail", "error", "rejected", "refused":
		default:
			continue
		}
		switch string(bytes.ToLower(r.Attrs[i].Key)) {
		case "mfa", "remember", "remember_me", "persistent", "new_device", "admin", "is_admin", "first", "first_login", "new", "secure", "tls":
		default:
			return true
		}
	}
	return false
}

func anyOf(text []byte, words ...string) bool {
	for _, w := range words {
		if bytes.Contains(text, []byte(w)) {
			return true
		}
	}
	return false
}
