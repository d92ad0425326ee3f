package parsers

import "bytes"

var _ = register(Parser{
	Name: "s3-access",
	Doc: `Amazon S3 server access log

https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html
The user is the requester, the error code S3's own.`,
	Layer: Gateway,
	First: "0123456789abcdef-",
	Dated: "no",
	Order: 31,
	Parse: parseS3,
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
