package parsers

import "bytes"

var _ = register(Parser{
	Name: "elb-access",
	Doc: `AWS load balancers: Application and Classic

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
The message is the error reason, and what the classification says.`,
	Layer: Edge,
	First: "hgw12",
	Dated: "__________T",
	Order: 32,
	Parse: parseELB,
})

var _ = register(Parser{
	Name: "elb-connection",
	Doc: `AWS Application Load Balancer connection log

"time address port listener protocol cipher latency "subject" validity serial status
[trace]". The code is the status of the client's certificate (Failed:ClientCertUntrusted).`,
	Layer: Edge,
	First: "2",
	Dated: "__________T",
	Order: 63,
	Parse: parseELBConnection,
})

// https 2026-11-22T00:12:31.655104Z app/lb/id 192.0.2.1:2817 10.0.0.1:80 0.000 0.001 0.000 401 401 34 366 "GET https://example.com:443/ HTTP/1.1" "agent" ...
// The classic balancer has no type before the time.
func parseELB(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) < 60 {
		return false
	}
	rest := t
	if c := t[0]; c-'0' > 9 {
		var kind []byte
		if kind, rest = cutWord(t); !bytes.Contains([]byte(" http https h2 grpcs ws wss "), kind) {
			return false
		}
	}
	if rest[10] != 'T' || rest[19] != '.' && rest[19] != 'Z' {
		return false
	}
	space := bytes.IndexByte(rest[20:min(len(rest), 31)], ' ')
	if space < 0 || rest[19+space] != 'Z' || !isWord(rest[21+space]) {
		return false
	}
	stamp := rest
	_, rest = cutWord(rest[21+space:]) // balancer
	client, rest := cutWord(rest)
	addr, port := splitPort(client)
	target, rest := cutWord(rest)
	if port == nil || !isAddress(addr) {
		return false
	}
	when, n := s.ISO(stamp)
	if n != 20+space {
		return false
	}
	for range 3 { // seconds
		_, rest = cutWord(rest)
	}
	status, rest := cutWord(rest)
	targetStatus, rest := cutWord(rest)
	_, rest = cutWord(rest)
	_, rest = cutWord(rest)
	if parseStatus(status) == 0 && dash(status) != nil {
		return false
	}
	request, rest, ok := cutQuoted(rest)
	if !ok {
		return false
	}
	when.Set(r)
	r.Client, r.ClientPort = addr, port
	r.Status = parseStatus(status)
	r.setRequest(request)
	r.Upstream = dash(target)
	if len(dash(targetStatus)) > 0 {
		r.addAttr(elbTargetStatus, targetStatus)
	}
	agent, rest, ok := cutQuoted(bytes.TrimLeft(rest, " "))
	if !ok {
		return true
	}
	r.UserAgent = dash(agent)
	elbDetails(r, rest)
	return true
}

var elbTargetStatus = []byte("target_status_code")

// elbDetails reads ` cipher tls arn "trace" "domain" "cert" prio time "actions" "redirect" "error" "targets" "statuses" "class" "reason"`.
func elbDetails(r *Record, b []byte) {
	var quoted [10][]byte
	n := 0
	tls := bytes.TrimPrefix(b, space)
	cipher, rest := cutWord(tls)
	if version, _ := cutWord(rest); hasPrefix(version, "TLSv") {
		r.setFingerprint(ConnectionFingerprint, tls[:len(cipher)+1+len(version)])
	}
	for len(b) > 0 && n < len(quoted) {
		if text, rest, ok := cutQuoted(b); ok {
			quoted[n] = dash(text)
			n++
			b = rest
			continue
		}
		_, b = cutWord(b)
	}
	r.TraceID = quoted[0]
	if r.Domain == nil {
		r.setDomain(quoted[1])
	}
	if actions := quoted[3]; actions != nil {
		r.Logger = actions
	}
	r.Code = quoted[5]
	if r.Code == nil {
		r.Code = quoted[9]
	}
	r.Message = r.Code
}

// 2026-11-22T00:12:31.655104Z 192.0.2.1 36280 443 TLSv1.3 CIPHER 4.036 "CN=x" NotBefore=...;NotAfter=... SERIAL Success TID_1
func parseELBConnection(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) < 70 || t[10] != 'T' || t[26] != 'Z' || t[27] != ' ' {
		return false
	}
	addr, rest := cutWord(t[28:])
	port, rest := cutWord(rest)
	listener, rest := cutWord(rest)
	protocol, rest := cutWord(rest)
	if !isAddress(addr) || !isDigits(port) || !isDigits(listener) || !hasPrefix(protocol, "TLSv") && string(protocol) != "-" {
		return false
	}
	when, n := s.ISO(t)
	if n != 27 {
		return false
	}
	_, rest = cutWord(rest)
	_, rest = cutWord(rest)
	if subject, after, ok := cutQuoted(rest); ok {
		if dash(subject) != nil {
			r.setUser(subject)
		}
		rest = trimSpaces(after)
	} else {
		_, rest = cutWord(rest)
	}
	_, rest = cutWord(rest)
	_, rest = cutWord(rest)
	status, rest := cutWord(rest)
	when.Set(r)
	r.Client, r.ClientPort = addr, port
	r.Code, r.Message = dash(status), dash(status)
	r.TraceID = dash(bytes.TrimSpace(rest))
	switch {
	case hasPrefix(status, "Failed"):
		r.Outcome = Failure
	case string(status) == "Success":
		r.Outcome = Success
	}
	return true
}
