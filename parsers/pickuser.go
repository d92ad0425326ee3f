package parsers

import "bytes"

func wordBefore(b []byte) []byte {
	b = bytes.TrimRight(b, " ")
	return b[bytes.LastIndexByte(b, ' ')+1:]
}

// pickUser takes the name after "for user", "by user", "invalid user", after
// "User" at the start, and after "failed for". AfterR says that the line holds a word
// that ends in r.
func (r *Record) pickUser(line []byte, afterR bool) {
	for at := 0; afterR && at < len(line); { // one look for both words
		i := bytes.Index(line[at:], []byte("r "))
		if i < 0 {
			break
		}
		at += i + 2
		if at < 5 {
			continue
		}
		switch c := line[at-3]; {
		case c == 'e' && line[at-4] == 's' && line[at-5]|0x20 == 'u':
			if name := userAfterUser(line, at); name != nil {
				r.User = nil
				r.setUser(name)
				return
			}
		case c == 'o' && line[at-4]|0x20 == 'f' && line[at-5] == ' ' && r.User == nil:
			r.setUser(userAfterFor(line, at))
		}
	}
	switch {
	case r.User != nil:
	case hasPrefix(line, "pam_") || hasPrefix(line, "PAM "):
		r.setUser(upTo(after(line, " ruser="), " "))
	case r.Client != nil || hasPrefix(line, "FAILED LOGIN"):
		r.setUser(userOfFTP(line))
		if r.User == nil {
			r.setUser(userLoggedIn(line))
		}
	}
}

// userLoggedIn returns the name before "logged in", "is now logged in" or "signed in".
func userLoggedIn(line []byte) []byte {
	for _, phrase := range [...]string{" logged in", " logged on", " signed in", " Peer Connection Initiated"} {
		i := bytes.Index(line, []byte(phrase))
		if i < 1 {
			continue
		}
		t := line[:i]
		for _, word := range [...]string{" successfully", " now", " has", " is", " was", " just"} {
			t = bytes.TrimSuffix(t, []byte(word))
		}
		name := bytes.Trim(wordBefore(t), "\"'`<>[]()")
		if rest := line[i+len(phrase):]; hasPrefix(rest, " using ") && string(name) == "Successfully" { // iDRAC
			name = upTo(rest[len(" using "):], ",")
		}
		if len(name) < 2 || len(name) > 127 || isProse(name) || isUserWord(name) || isAddressPort(name) {
			return nil
		}
		return name
	}
	if in, rest, ok := cutBracket(line); ok && hasPrefix(rest, "from [") && bytes.IndexByte(in, ' ') < 0 { // Synology's "User [kim] from [192.0.2.1]", whose first word is taken for the program
		return in
	}
	if i := bytes.LastIndex(line, []byte("], ")); i > 0 && bytes.IndexByte(line[i+3:], ' ') < 0 && bytes.Contains(line[:i], []byte("login")) { // wu-ftpd's "failed login from host [192.0.2.1], kim"
		return line[i+3:]
	}
	if name := after(line, "user authenticated: "); name != nil { // phpMyAdmin
		return upTo(name, " ")
	}
	return nil
}

// userOfFTP returns the name in ProFTPD's "USER kim: no such user" and "USER kim
// (Login failed)", and in login's "FAILED LOGIN 1 FROM 192.0.2.1 FOR kim, ".
func userOfFTP(line []byte) []byte {
	for i := bytes.IndexByte(line, 'U'); i > 1 && i+5 < len(line); {
		if line[i-1] == ' ' && (line[i-2] == ':' || line[i-2] == '-') && string(line[i+1:i+5]) == "SER " {
			return upTo(upTo(line[i+5:], ": "), " (Login")
		}
		n := bytes.IndexByte(line[i+1:], 'U')
		if n < 0 {
			break
		}
		i += n + 1
	}
	if hasPrefix(line, "FAILED LOGIN") {
		return bytes.Trim(upTo(after(line, " FOR "), ","), "'")
	}
	return nil
}

// userAfterFor returns the name behind "for " at b[i:] in "login failed for kim",
// "Password authentication failed for kim from ...", `request for "kim" was denied`.
func userAfterFor(b []byte, i int) []byte {
	quoted := i < len(b) && (b[i] == '"' || b[i] == '\'' || b[i] == '`')
	name, end := pickedValue(b, i)
	if !isRefusal(wordBefore(b[:i-len("for ")]), quoted || hasPrefix(b[end:], " has been denied")) { // Jellyfin
		return nil
	}
	if isAddressPort(name) || isUserWord(name) || bytes.Contains(name, []byte("://")) || !quoted && (!nameEnds(b[end:]) || isProse(name) || bytes.IndexByte(name, '/') >= 0) {
		return nil
	}
	if !quoted {
		name = bytes.TrimRight(name, ".:")
	}
	if len(name) < 2 && !quoted || len(name) > 128 {
		return nil
	}
	return name
}

// isRefusal reports whether "for" behind the word w is followed by a name; a quoted
// name can follow more words.
func isRefusal(w []byte, quoted bool) bool {
	w = bytes.Trim(w, "():,.0123456789")
	var low [16]byte
	if len(w) > len(low) {
		return false
	}
	for i, c := range w {
		low[i] = c | 0x20
	}
	switch string(low[:len(w)]) {
	case "failed", "failure", "failures", "fail", "attempt", "attempts", "login", "authentication", "denied", "rejected", "refused", "password", "opened":
		return true
	case "request", "logon", "credentials", "signin", "sign-in":
		return quoted
	}
	return false
}

// nameEnds reports whether what follows a name is what can follow it in a sentence:
// the end, or a word that goes on about something else.
func nameEnds(rest []byte) bool {
	if len(rest) < 2 || rest[0] != ' ' {
		return true
	}
	word, _ := cutByte(rest[1:], ' ')
	switch string(word) {
	case "from", "on", "against", "at", "in", "via", "with", "by", "to", "using", "because", "due", "-", "|", ":", "is", "was", "has", "after", "and":
		return true
	}
	return len(word) > 0 && (word[0] == '(' || word[0] == '[' || word[0] == '<')
}

// userAfterUser returns the name behind "user " at b[i:], if the words before say
// that one follows.
func userAfterUser(b []byte, i int) []byte {
	word := i - len("user ")
	if word > 0 {
		if b[word-1] != ' ' {
			return nil
		}
		switch before := wordBefore(b[:word]); string(before) {
		case "for", "to", "by", "of", "unknown", "invalid", "illegal", "from", "authenticating", "as", "disabled", "locked":
		default:
			if n := len(before); n == 0 || before[n-1] != ',' && (b[word] != 'U' || before[n-1] != ':') { // "from 192.0.2.1, user kim", ": User kim"
				return nil
			}
		}
	}
	name, _ := pickedValue(b, i)
	name = upTo(name, "(") // "kim(uid=7)"
	name = bytes.Trim(name, ".:[]<>")
	if len(name) < 2 || len(name) > 127 || isProse(name) {
		return nil
	}
	return name
}

// isProse reports whether b is a word that follows "user" in plain talk.
func isProse(b []byte) bool {
	if len(b) > 1 && b[0]-'A' < 26 && (len(b) == 2 || string(b) == "Name" || string(b) == "Agent") { // "User ID"
		return true
	}
	switch string(b) {
	case "is", "was", "are", "were", "been", "users", "does", "authenticated", "authenticated:", "did", "has", "had", "not", "account", "name", "agent", "id", "with", "without", "and", "or", "in", "login", "logged", "data", "info",
		"details", "password", "authentication", "authorization", "credentials", "session", "token", "role", "from", "by", "for", "input", "could", "can", "cannot",
		"must", "should", "tried", "attempted", "failed", "to", "the", "a", "an", "group", "groups", "profile", "request", "store", "database", "entry", "record", "found",
		"provided", "requires", "accounts", "permissions", "permission", "pool", "interaction", "consent", "email", "identity", "registration", "no", "on", "at", "of",
		"denied", "rejected", "refused", "peer", "client", "host", "realm", "server", "endpoint", "url", "api", "app", "application", "device", "domain", "resource", "route", "path",
		"tenant", "remote", "method", "provider", "upstream", "connection", "unknown", "invalid", "illegal", "nonexistent", "non-existent", "this", "your", "all", "more", "it", "them",
		"may", "will", "needs", "lacks", "already", "directory", "management", "service", "via", "be", "returned", "that", "who", "which", "object", "key":
		return true
	}
	return false
}

// userBefore returns the name that stands before the words that announce the
// address at b[start:]: "for alice from 192.0.2.1", "for user alice (192.0.2.1)".
func userBefore(b []byte, start int) []byte {
	t := b[:start]
	if name := userGlued(t); name != nil {
		return name
	}
	for {
		for len(t) > 0 && beforeAddress[t[len(t)-1]] {
			t = t[:len(t)-1]
		}
		if n := len(t); n > 0 && t[n-1] == ')' { // "kim (reason) from"
			open := bytes.LastIndexByte(t, '(')
			if open < 1 || t[open-1] != ' ' {
				return nil
			}
			t = t[:open]
			continue
		}
		i := bytes.LastIndexByte(t, ' ')
		switch string(bytes.TrimLeft(t[i+1:], "([")) {
		case "from", "From", "ip", "IP", "address", "addr", "host", "private", "public", "client", "Remote", "remote", "port":
			if i < 0 {
				return nil
			}
			t = t[:i]
			continue
		}
		break
	}
	i := bytes.LastIndexByte(t, ' ')
	if i < 0 {
		return nil
	}
	name := t[i+1:]
	words := bytes.TrimRight(t[:i], " ")
	colon := len(words) > 0 && words[len(words)-1] == ':'
	before := wordBefore(bytes.TrimRight(words, " :"))
	if k := bytes.IndexByte(name, ':'); k > 0 && (isUserWord(name[:k]) || string(name[:k]) == "login") {
		return name[k+1:]
	}
	if isProse(name) || isAddress(name) {
		return nil
	}
	switch string(before) {
	case "for":
		if bytes.HasSuffix(words, []byte("getaddrinfo for")) { // of a host
			return nil
		}
	case "as", "account":
	case "failed", "denied", "failure", "success", "succeeded", "successful":
		if !colon {
			return nil
		}
	default:
		if !isUserWord(before) {
			return nil
		}
	}
	if name = bytes.Trim(name, "\"'`[]<>"); len(name) > 0 && len(name) < 128 && !isUserWord(name) {
		return name
	}
	return nil
}

var beforeAddress = setOf(" ([\"'`:-,")

// userGlued returns the name that stands at the end of b where the address that
// follows hangs on it: "sql(kim,192.0.2.1" (Dovecot), "kim@example.test:192.0.2.1"
// (vpopmail), "login kim@192.0.2.1".
func userGlued(b []byte) []byte {
	if len(b) < 4 {
		return nil
	}
	t := b[:len(b)-1]
	word := t[bytes.LastIndexByte(t, ' ')+1:]
	if len(word) < 2 || len(word) > 200 {
		return nil
	}
	switch b[len(b)-1] {
	case ',':
		open := bytes.IndexByte(word, '(')
		if name := word[open+1:]; open > 1 && len(name) > 0 && bytes.IndexByte(name, '=') < 0 && !isNothing(name) {
			return name
		}
	case ':':
		if at := bytes.IndexByte(word, '@'); at > 0 && bytes.IndexByte(word, '/') < 0 && bytes.IndexByte(word, ':') < 0 {
			return word
		}
	case '@':
		if w := wordBefore(t[:len(t)-len(word)]); len(t) > len(word) && isHost(word) && (string(w) == "login" || string(w) == "for" || isUserWord(w)) {
			return word
		}
	}
	return nil
}

// quotedUser returns where a quoted name that "user " announces ends: user 'x',
// user "x", user [x]. The quote stands at b[i].
func quotedUser(b []byte, i int) int {
	j := i
	for j > 0 && (b[j-1] == ' ' || b[j-1] == ':') {
		j--
	}
	if j == i {
		return 0
	}
	k := j
	for k > 0 && isWord(b[k-1]) {
		k--
	}
	if w := b[k:j]; !isUserWord(w) && (string(w) != "login" || b[i] == '[' || b[i] == '<') && string(w) != "account" && string(w) != "Account" && string(w) != "principal" && (string(w) != "of" || string(wordBefore(b[:k])) != "login") {
		return 0
	}
	quote := b[i]
	switch quote {
	case '[':
		quote = ']'
	case '<':
		quote = '>'
	}
	n := bytes.IndexByte(b[i+1:min(len(b), i+258)], quote)
	if n <= 0 || (quote == ']' || quote == '>') && bytes.ContainsAny(b[i+1:i+1+n], ": =") {
		return 0
	}
	return i + 1 + n
}

func isUserWord(w []byte) bool {
	return len(w) == 4 && hasSuffixFold(w, "user") || len(w) == 8 && hasSuffixFold(w, "username") || string(w) == "user_name"
}
