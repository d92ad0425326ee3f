package engine

import (
	"bytes"
	"hash/maphash"
	"net/netip"
	"slices"
	"strings"
	"unsafe"

	"why401/detectors"
	"why401/detectors/leak"
	"why401/parsers"
	"why401/rules"
)

// A pass takes blocks through reading, labelling and scanning. It belongs to one
// goroutine and is reused; nothing that it remembers changes a result.
type pass struct {
	cfg    *Config
	reader *parsers.Reader
	rules  *rules.Classifier
	leaks  *leak.Scanner
	words  *leak.Scanner // redacts pieces of text, while leaks' spans are in use
	seed   maphash.Seed

	block     *parsers.Block
	out       *batch
	spans     []leak.Span
	span      int // the first span not before the record's lines
	verdict   rules.Verdict
	names     []byte // memory of this block's attempts' strings
	clean     []byte
	counted   *parsers.Parser // format of the records in run, not in out.formats yet
	run       int64
	format    *parsers.Parser // of the last attempt
	formatKey uint64
	inside    []leak.Span // those of the record in hand
	ranges    []lineRange
	lastIP    []byte
	lastAddr  netip.Addr
	offset    Offset // of the block's log
}

// A lineRange is a run of lines whose records lie within Since and Until.
type lineRange struct{ from, to int64 }

func newPass(cfg *Config, seed maphash.Seed) *pass {
	p := &pass{cfg: cfg, seed: seed, reader: parsers.NewReader(cfg.Parse), leaks: leak.NewScanner(), words: leak.NewScanner()}
	p.leaks.Use(cfg.Own)
	p.words.Use(cfg.Own)
	if cfg.Canary != nil {
		p.leaks.Watch(cfg.Canary)
		p.words.Watch(cfg.Canary)
	}
	if cfg.Rules != nil {
		p.rules = rules.NewClassifier(cfg.Rules)
	}
	return p
}

// process fills out, which is empty, with what b holds.
func (p *pass) process(b *parsers.Block, out *batch) {
	p.block, p.out = b, out
	p.spans, p.span, p.names, p.ranges = nil, 0, nil, p.ranges[:0]
	if p.offset = (Offset{}); out.stream != nil {
		p.offset = out.stream.offset
	}
	out.tally(b)
	if p.cfg.Mode != Formats {
		p.spans = p.leaks.Scan(b)
	}
	switch p.cfg.Mode {
	case Check:
		p.report()
	case Redact:
		out.out = leak.AppendRedacted(out.out, b, p.spans)
	default:
		p.reader.Each(b, p.visit)
		p.countRun()
		if p.cfg.Mode == Report {
			p.report()
		}
	}
	p.block, p.out = nil, nil
}

// visit takes one record. The common one says nothing about authentication.
func (p *pass) visit(r *parsers.Record) {
	if o := &p.offset; o.Ahead != 0 && r.Time != 0 && (o.Zone == "" || r.Assumed&parsers.AssumedZone != 0) {
		r.Time -= int64(o.Ahead)
	}
	p.count(r)
	if p.bounded() {
		if !p.within(r.Time) {
			return
		}
		p.ranges = append(p.ranges, lineRange{r.Line, r.Line + int64(r.Lines) - 1})
	}
	switch p.cfg.Mode {
	case Report:
		p.rules.Classify(r, &p.verdict)
		if p.verdict.Cause == rules.None && admits(r) {
			r.Outcome = parsers.Success
		}
		if r.Status != 0 || r.Outcome != parsers.OutcomeUnknown || p.verdict.Cause != rules.None || p.verdict.Signal != rules.NoSignal || r.Part != parsers.Whole {
			p.attempt(r)
		}
	case Parse:
		if admits(r) {
			r.Outcome = parsers.Success
		}
		p.out.out = p.cfg.Event(p.out.out, &Event{File: p.block.Source.Name, Record: r, Clean: p.cleaner(r)})
	case Explain:
		p.rules.Classify(r, &p.verdict)
		x := Explanation{Event: Event{File: p.block.Source.Name, Record: r, Clean: p.cleaner(r)}, Verdict: p.verdict}
		x.Verdict.Evidence = string(x.Clean(bytesOf(x.Verdict.Evidence)))
		x.Fix = fix(p.cfg.Rules.Info(x.Verdict.Cause))
		if r.Headed && bare(r) {
			x.Notes = append(x.Notes, unchallenged(x.File, r))
		}
		p.out.out = p.cfg.Explain(p.out.out, &x)
	}
}

func (p *pass) bounded() bool { return !p.cfg.Since.IsZero() || !p.cfg.Until.IsZero() }

func (p *pass) within(t int64) bool {
	if t == 0 {
		return false
	}
	return (p.cfg.Since.IsZero() || t >= p.cfg.Since.UnixNano()) && (p.cfg.Until.IsZero() || t < p.cfg.Until.UnixNano())
}

// count adds r to the block's counts; runs of one format are added at once.
func (p *pass) count(r *parsers.Record) {
	c := &p.out.count
	c.Records++
	if r.Format == nil {
		c.Unparsed++
		if c.FirstBad == 0 {
			c.FirstBad = r.Line
		}
		if p.cfg.Mode == Formats && len(c.Bad) < badLines {
			c.Bad = append(c.Bad, BadLine{r.Line, p.beginning(r)})
		}
	}
	if r.Time != 0 {
		if c.First == 0 || r.Time < c.First {
			c.First = r.Time
		}
		c.Last = max(c.Last, r.Time)
		c.Assumed |= r.Assumed
	}
	if r.Format != p.counted {
		p.countRun()
		p.counted = r.Format
	}
	p.run++
	for _, w := range r.Wrappers {
		p.out.wrappers[w]++
	}
	if r.Headed && bare(r) {
		c.Bare.add(1, r.Line)
	}
}

// beginning returns the start of r's first line, without credentials.
func (p *pass) beginning(r *parsers.Record) string {
	if p.spans == nil { // most blocks hold no such line
		p.spans = p.leaks.Scan(p.block)
	}
	line, _, _ := bytes.Cut(p.cleaner(r)(r.Raw), newline)
	return strings.ToValidUTF8(string(line[:min(len(line), 200)]), "\ufffd")
}

// bare reports whether r, an answer whose headers are known, lacks the challenge that
// its status calls for.
func bare(r *parsers.Record) bool {
	return (r.Status == 401 || r.Status == 407) && len(r.Challenge) == 0
}

func (p *pass) countRun() {
	if p.run > 0 {
		p.out.formats[p.counted] += p.run
		p.run = 0
	}
}

// attempt keeps what of r outlives the block.
func (p *pass) attempt(r *parsers.Record) {
	p.out.attempts = append(p.out.attempts, detectors.Attempt{})
	a := &p.out.attempts[len(p.out.attempts)-1]
	a.Time, a.Client, a.User = r.Time, p.addr(r.Client), p.keep(r.User)
	a.Path, a.Agent = p.key(r.Path), p.key(r.UserAgent)
	if a.Path == 0 && r.Status != 0 && r.Method != nil { // CONNECT asks a proxy for a host
		a.Path = p.key(r.Domain)
	}
	if r.Fingerprint.Kind != parsers.NoFingerprint {
		a.Fingerprint = p.key(r.Fingerprint.Value) ^ 1<<63
	}
	a.Request, a.Trace, a.Replica = p.key(r.RequestID), p.key(r.TraceID), p.key(r.Upstream)
	a.Service = p.key(r.Service)
	if r.Format != p.format {
		p.format, p.formatKey = r.Format, 0
		if r.Format != nil {
			p.formatKey = p.key([]byte(r.Format.Name))
		}
	}
	a.Format = p.formatKey
	a.Place = detectors.Place{Source: p.block.Source.Index, Line: r.Line}
	a.EndLine = r.Line + int64(r.Lines) - 1
	a.Status, a.Times, a.Method, a.Sent = r.Status, r.Times, method(r.Method), r.Sent
	if a.Scheme = scheme(r.Scheme); r.Format != nil {
		a.Layer = r.Format.Layer
	}
	failed := p.verdict.Cause != rules.None && p.verdict.Signal == rules.NoSignal
	a.Kind = kind(r, a, &p.verdict)
	a.Success = !failed && (r.Outcome == parsers.Success || r.Outcome == parsers.OutcomeUnknown && r.Status >= 100 && r.Status < 400)
	if a.Kind == detectors.Login && a.Status == 200 && (showsFormAgain(r.Path) || answersInXML(r)) {
		a.Success = false
	}
	if r.Part != parsers.Whole {
		p.part(a, r)
	}
	if p.verdict.Cause == rules.None {
		if r.Part == parsers.Whole && maybeExplained(r.Status) {
			a.Opened = &detectors.Opening{Place: a.Place, Method: p.keep(r.Method), Path: p.keep(p.cleaner(r)(r.Path))}
		}
		return
	}
	clean := p.cleaner(r)
	f := &detectors.Failure{Verdict: p.verdict, Method: p.keep(r.Method), UserAgent: p.keep(clean(r.UserAgent)),
		Path: p.keep(clean(r.Path)), RequestID: p.keep(clean(r.RequestID)), Origin: p.keep(clean(r.Origin)), Replica: p.keep(clean(r.Upstream))}
	if r.Fingerprint.Kind != parsers.NoFingerprint {
		f.Fingerprint = r.Fingerprint.Kind.String() + " " + string(clean(r.Fingerprint.Value))
	}
	f.Evidence = string(clean(bytesOf(p.verdict.Evidence)))
	f.Candidates = slices.Clone(p.verdict.Candidates)
	a.Thread = p.key(r.Thread)
	if f.Cause == rules.ClockSkew || f.Cause == rules.ExpiredToken {
		f.Lapse = lapse(r, bytesOf(p.verdict.Evidence))
	}
	a.Fail = f
	if len(p.inside) > 0 {
		a.User = p.keep(clean(r.User))
	}
}

// maybeExplained reports that an answer is none of a failure by itself, and that the
// words of another log may make it one.
func maybeExplained(status uint16) bool {
	switch status {
	case 400, 403, 429, 500, 502, 503:
		return true
	}
	return false
}

// part notes what puts a, a part of a request, together with the others.
func (p *pass) part(a *detectors.Attempt, r *parsers.Record) {
	a.Part, a.Thread = r.Part, p.key(r.Thread)
	clean := p.cleaner(r)
	if len(p.inside) > 0 { // the finding of another part may tell the name
		a.User = p.keep(clean(r.User))
	}
	if r.Part == parsers.Begins {
		a.Opened = &detectors.Opening{Place: a.Place, Method: p.keep(r.Method), Path: p.keep(clean(r.Path))}
	}
}

// kind says what a record is about, from its route and its fields.
func kind(r *parsers.Record, a *detectors.Attempt, v *rules.Verdict) detectors.Kind {
	switch {
	case v.Signal == rules.SignalRestart:
		return detectors.Restart
	case v.Signal == rules.SignalDependency && len(r.Path) == 0 && len(r.User) > 0 && v.Cause != rules.None:
		return detectors.Login // that nobody could check
	case v.Signal == rules.SignalDependency:
		return detectors.Dependency
	case a.Method == detectors.MethodPost, a.Method == detectors.MethodUnknown && v.Cause != rules.None && v.Tier != rules.TierStatus:
		switch routeOf(r.Path) {
		case tokenRoute:
			return detectors.Token
		case loginRoute:
			return detectors.Login
		}
	}
	if len(r.Path) == 0 && len(r.User) > 0 && (r.Outcome != parsers.OutcomeUnknown || a.Status == 0 && v.Cause != rules.None) {
		return detectors.Login
	}
	if len(r.Path) == 0 && r.Outcome == parsers.Success && saysLogin(r.Message) {
		return detectors.Login
	}
	return detectors.Request
}

// saysLogin says that a product's words are about somebody who logs in.
func saysLogin(words []byte) bool {
	for _, w := range []string{"login", "Login", "ogged in", "ign-in", "igned in", "uthenticat"} {
		if bytes.Contains(words, []byte(w)) {
			return true
		}
	}
	return false
}

// A route is what an endpoint is for, as its usual names tell.
type route uint8

const (
	otherRoute route = iota
	loginRoute       // takes a name and a password
	tokenRoute       // RFC 6749 section 3.2
)

// routeOf tells an endpoint by the last segment of its path.
func routeOf(path []byte) route {
	last := lastSegment(path)
	if i := bytes.IndexByte(last, '.'); i > 0 { // login.php, login.aspx
		last = last[:i]
	}
	var folded [24]byte
	if len(last) > len(folded) {
		return otherRoute
	}
	for i, c := range last {
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		folded[i] = c
	}
	switch string(folded[:len(last)]) {
	case "token", "tokens", "refresh", "refresh-token", "refresh_token", "introspect":
		return tokenRoute
	case "login", "log-in", "log_in", "signin", "sign-in", "sign_in", "signon", "logon", "auth", "authn", "authenticate", "session", "sessions",
		"wp-login", "xmlrpc", "j_security_check", "j_spring_security_check", "usernamepasswordlogin", "callback":
		return loginRoute
	}
	return otherRoute
}

// showsFormAgain knows the login forms of products that answer a wrong password with
// the form and 200, and a right one with a redirect: WordPress and Django's admin.
func showsFormAgain(path []byte) bool {
	return bytes.HasSuffix(path, []byte("/wp-login.php")) || bytes.HasSuffix(path, []byte("/admin/login/"))
}

// answersInXML knows WordPress' other way in, which says yes and no with 200 and words
// in its answer. Jetpack's calls are signed and no logins.
func answersInXML(r *parsers.Record) bool {
	return bytes.HasSuffix(r.Path, []byte("/xmlrpc.php")) && !bytes.Contains(r.URL, []byte("for=jetpack"))
}

func lastSegment(path []byte) []byte {
	path = bytes.TrimRight(path, "/")
	return path[bytes.LastIndexByte(path, '/')+1:]
}

// method knows methods in capitals, in small letters as some frameworks log them, and
// the verbs of Kubernetes (https://kubernetes.io/docs/reference/access-authn-authz/authorization/).
func method(m []byte) detectors.Method {
	switch string(m) {
	case "":
		return detectors.MethodUnknown
	case "GET", "get", "list", "watch":
		return detectors.MethodGet
	case "HEAD", "head":
		return detectors.MethodHead
	case "POST", "post", "create":
		return detectors.MethodPost
	case "OPTIONS", "options":
		return detectors.MethodOptions
	}
	return detectors.MethodOther
}

func scheme(s []byte) detectors.Scheme {
	switch {
	case len(s) == 0:
		return detectors.SchemeUnknown
	case bytes.EqualFold(s, []byte("Bearer")), bytes.EqualFold(s, []byte("DPoP")):
		return detectors.SchemeBearer
	case bytes.EqualFold(s, []byte("Basic")):
		return detectors.SchemeBasic
	case bytes.EqualFold(s, []byte("Digest")):
		return detectors.SchemeDigest
	case bytes.EqualFold(s, []byte("Negotiate")), bytes.EqualFold(s, []byte("NTLM")):
		return detectors.SchemeNegotiate
	}
	return detectors.SchemeOther
}

// key hashes b under the run's key, which is that of the spikes' state if there is one
// that outlives the run; 0 is for nothing.
func (p *pass) key(b []byte) uint64 {
	if len(b) == 0 {
		return 0
	}
	if k := p.cfg.Spike.Key; k != nil {
		return k.Bytes(b)
	}
	return maphash.Bytes(p.seed, b) | 1
}

// keep copies b into the memory that the block's attempts share.
func (p *pass) keep(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	const longest = 2048 // of a name or path; more is noise or an attack
	b = b[:min(len(b), longest)]
	if cap(p.names)-len(p.names) < len(b) {
		p.names = make([]byte, 0, max(4<<10, len(b)))
	}
	at := len(p.names)
	p.names = append(p.names, b...)
	return unsafe.String(&p.names[at], len(b)) // names is never written below its length
}

// bytesOf views s as bytes, which must not be written.
func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// addr reads an address; one form for IPv4 mapped into IPv6.
func (p *pass) addr(b []byte) netip.Addr {
	if a, ok := parseIPv4(b); ok {
		return a
	}
	if len(b) < 2 || len(b) > 64 || bytes.IndexByte(b, ':') < 0 {
		return netip.Addr{}
	}
	if bytes.Equal(b, p.lastIP) {
		return p.lastAddr
	}
	p.lastIP = append(p.lastIP[:0], b...)
	a, err := netip.ParseAddr(string(b))
	if err != nil {
		a = netip.Addr{}
	}
	p.lastAddr = a.Unmap().WithZone("")
	return p.lastAddr
}

// parseIPv4 reads a dotted quad; leading zeros don't make it octal.
func parseIPv4(b []byte) (netip.Addr, bool) {
	if len(b) < 7 || len(b) > 15 {
		return netip.Addr{}, false
	}
	var ip [4]byte
	for field := range ip {
		if field > 0 {
			if len(b) == 0 || b[0] != '.' {
				return netip.Addr{}, false
			}
			b = b[1:]
		}
		n, digits := uint(0), 0
		for digits < len(b) && digits < 3 && b[digits]-'0' <= 9 {
			n = n*10 + uint(b[digits]-'0')
			digits++
		}
		if digits == 0 || n > 255 {
			return netip.Addr{}, false
		}
		ip[field] = byte(n)
		b = b[digits:]
	}
	if len(b) > 0 {
		return netip.Addr{}, false
	}
	return netip.AddrFrom4(ip), true
}
