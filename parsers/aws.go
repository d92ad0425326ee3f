package parsers

import "bytes"

var _ = register(Parser{
	Name: "s3-access",
	Doc: `Amazon S3 server access log

https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html
The user is the requester, the error code S3's own.`,
	Layer: Gateway,
	First: "0123456789abcdef-",
	Order: 31,
	Parse: parseS3,
})

var _ = register(Parser{
	Name: "elb-access",
	Doc: `AWS load balancers: Application and Classic

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
The message is the error reason, and what the classification says.`,
	Layer: Edge,
	First: "hgw12",
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
	Order: 63,
	Parse: parseELBConnection,
})

var _ = register(Parser{
	Name: "apigateway-execution",
	Doc: `Amazon API Gateway execution log

"(request id) text", many lines for one request, in CloudWatch Logs.`,
	Layer: Gateway,
	First: "(",
	Order: 33,
	Parse: parseAPIGatewayExecution,
})

// owner bucket [22/Nov/2026:00:12:31 +0000] 192.0.2.1 requester REQUESTID OPERATION key "GET /x HTTP/1.1" 403 AccessDenied ...
func parseS3(r *Record, s *Scratch) bool {
	t := r.Text
	owner, rest := cutWord(t[:min(len(t), 80)])
	if len(rest) == 0 || len(owner) != 64 && len(owner) != 1 {
		return false
	}
	bucket, rest := cutWord(t[len(owner)+1:])
	if len(rest) < 30 || rest[0] != '[' {
		return false
	}
	when, n := s.CLF(rest[1:])
	if n == 0 || !hasPrefix(rest[n+1:], "] ") {
		return false
	}
	addr, rest := cutWord(rest[n+3:])
	requester, rest := cutWord(rest)
	id, rest := cutWord(rest)
	operation, rest := cutWord(rest)
	key, rest := cutWord(rest)
	if i := bytes.IndexByte(operation, '.'); i < 0 || len(key) == 0 {
		return false
	}
	var request []byte
	if hasPrefix(rest, "- ") {
		rest = rest[1:]
	} else {
		var status uint16
		if request, status, _, _ = envoyRequest(bytes.TrimPrefix(rest, []byte(`"`))); status == 0 {
			return false
		}
		rest = rest[len(request)+2:]
	}
	status, rest := cutWord(bytes.TrimLeft(rest, " "))
	code, rest := cutWord(rest)
	when.Set(r)
	r.setClient(addr)
	r.setUser(requester)
	r.RequestID = id
	r.setRequest(request)
	r.Status = parseStatus(status)
	r.Code = dash(code)
	r.Logger = operation
	r.Message = r.Code
	r.Upstream = bucket
	// Referer and agent may hold quotes; nothing behind them does.
	if i := bytes.Index(rest, []byte(` "`)); i >= 0 {
		if quoted, tail, ok := cutLastQuote(rest[i+2:]); ok {
			if j := bytes.Index(quoted, []byte(`" "`)); j >= 0 {
				r.Origin, r.UserAgent = dash(quoted[:j]), dash(quoted[j+3:])
			}
			s3Auth(r, tail)
		}
	}
	return true
}

// s3Auth reads "versionid hostid SigV4 cipher AuthHeader host tls".
func s3Auth(r *Record, b []byte) {
	b = bytes.TrimLeft(b, " ")
	_, b = cutWord(b)
	_, b = cutWord(b)
	signature, b := cutWord(b)
	_, b = cutWord(b)
	kind, b := cutWord(b)
	host, _ := cutWord(b)
	switch {
	case len(kind) == 0:
	case string(kind) == "-":
		r.Sent = SentAbsent
	default:
		r.Sent = SentPresent
		r.Scheme = dash(signature)
	}
	r.setDomain(host)
}

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
	if space < 0 || rest[19+space] != 'Z' || rest[21+space]-'0' <= 9 {
		return false
	}
	when, n := s.ISO(rest)
	if n != 20+space {
		return false
	}
	_, rest = cutWord(rest[n+1:]) // balancer
	client, rest := cutWord(rest)
	addr, port := splitPort(client)
	target, rest := cutWord(rest)
	if !isAddress(addr) || port == nil {
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

// (c6af9ac6-7b61-11e6-9a41-93e8deadbeef) Method completed with status: 401
func parseAPIGatewayExecution(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) < 40 || t[37] != ')' || t[38] != ' ' || t[9] != '-' || t[24] != '-' {
		return false
	}
	r.RequestID = t[1:37]
	r.Message = t[39:]
	if status := after(r.Message, "completed with status: "); len(status) >= 3 {
		r.Status = parseStatus(status[:3])
	}
	switch m := r.Message; {
	case hasPrefix(m, "HTTP Method: "): // HTTP Method: GET, Resource Path: /orders
		method := upTo(m[13:], ",")
		if isMethod(method) {
			r.Method = method
		}
		if path := after(m, "Resource Path: "); path != nil {
			r.setURL(path)
		}
	case hasPrefix(m, "Method request "), hasPrefix(m, "Endpoint re"), hasPrefix(m, "Method response "):
		r.Logger = upTo(m, ":")
	}
	return true
}
