package leak

import "bytes"

// A producer is a program or library that writes credentials in a shape of its
// own, and the setting that stops it there.
type producer struct {
	sign string // text of its lines
	name string
	fix  string
}

// producers are asked in order.
var producers = []producer{
	{sign: "http-outgoing-", name: "apache-httpclient", fix: "set the loggers org.apache.http.wire and org.apache.http.headers (client5: org.apache.hc.client5.http) to INFO or above"},
	{sign: "org.apache.hc.client5", name: "apache-httpclient", fix: "set the logger org.apache.hc.client5.http to INFO or above"},
	{sign: "okhttp", name: "okhttp", fix: "call redactHeader(\"Authorization\") on the HttpLoggingInterceptor, or use Level.BASIC"},
	{sign: "round_trippers.go", name: "kubectl", fix: "run kubectl and client-go with a verbosity below 8"},
	{sign: "urllib3.connectionpool", name: "urllib3", fix: "set the logger urllib3 to INFO or above; send the token in a header, not in the URL"},
	{sign: "send: b'", name: "python-http-client", fix: "leave http.client.HTTPConnection.debuglevel at 0"},
	{sign: "CIMultiDictProxy", name: "aiohttp", fix: "log request.method and request.path, not the request_info or the headers"},
	{sign: "AxiosHeaders", name: "axios", fix: "log error.message, not the error or its config, which hold the request's headers"},
	{sign: "outgoing message end", name: "node-http", fix: "run without NODE_DEBUG=http"},
	{sign: "Headers.append", name: "undici", fix: "trim the token before it goes into a header: the exception quotes the value"},
	{sign: "guzzlehttp", name: "guzzle", fix: "set zend.exception_ignore_args=On, and use a MessageFormatter without {req_headers}"},
	{sign: "DefaultFullHttpRequest", name: "netty", fix: "log the request's method and URI, not the request"},
	{sign: "DefaultHttpRequest", name: "netty", fix: "log the request's method and URI, not the request"},
	{sign: "org.springframework.web", name: "spring", fix: "leave spring.mvc.log-request-details at false"},
	{sign: "hyper::proto", name: "hyper", fix: "set the target hyper to info in RUST_LOG, and mark the value with set_sensitive(true)"},
	{sign: "provider.terraform-provider", name: "terraform", fix: "run without TF_LOG, or with TF_LOG=INFO"},
	{sign: "Method request headers:", name: "api-gateway", fix: "turn off full request and response logging of the stage"},
	{sign: "cli.azure.cli", name: "azure-cli", fix: "run without --debug"},
	{sign: "Microsoft.ApplicationInsights", name: "application-insights", fix: "take the header out with a telemetry initializer"},
	{sign: "botocore", name: "botocore", fix: "set the logger botocore to INFO or above"},
	{sign: "http.log.access", name: "caddy", fix: "remove log_credentials from the global options"},
	{sign: "audit.k8s.io", name: "kubernetes-audit", fix: "set the audit policy for tokenreviews and secrets to Metadata"},
	{sign: "haproxy[", name: "haproxy", fix: "remove the capture request header of it"},
	{sign: "INFO -- request:", name: "faraday", fix: "use the logger middleware with headers: false, or a filter"},
	{sign: "raw SAMLResponse", name: "saml", fix: "set the SAML library's logger to INFO or above"},
	{sign: "Started GET", name: "rails", fix: "add the parameter to config.filter_parameters"},
	{sign: "Parameters: {", name: "rails", fix: "add the parameter to config.filter_parameters"},
	{sign: "curl ", name: "curl", fix: "pass the credential with --netrc or -K, and run the script without set -x"},
}

// producerFix holds the setting that stops a leak at what wrote it.
var producerFix = map[string]string{}

// signs are the producers by the first two bytes of their signs.
var (
	signs      [1 << 10][]uint8
	signStarts [len(signs)]bool // where there are any
)

func pair(a, b byte) int { return (int(a)<<5 ^ int(b)) & (len(signs) - 1) }

// longestSign is the length of the longest sign.
var longestSign int

func init() {
	for i := range producers {
		p := &producers[i]
		g := pair(p.sign[0], p.sign[1])
		signs[g], signStarts[g] = append(signs[g], uint8(i)), true
		longestSign = max(longestSign, len(p.sign))
		if producerFix[p.name] == "" {
			producerFix[p.name] = p.fix
		}
	}
}

// A producerSearch looks for the signs of producers, each part of a line once
// however many leaks the line has.
type producerSearch struct {
	line int // where the line begins
	to   int // what lies before was searched
	best int // index into producers, len(producers) for none
}

// of names what wrote the line of t[at], which begins at line, as far as what stands
// before at and shortly after it tells.
func (p *producerSearch) of(t []byte, line, at int) string {
	const after = 64
	if p.line != line || p.to > at+after {
		*p = producerSearch{line, line, len(producers)}
	}
	end := min(len(t), at+after)
	if n := bytes.IndexByte(t[at:end], '\n'); n >= 0 {
		end = at + n
	}
	from := max(line, p.to-longestSign)
	for i := from; i+1 < end; i++ {
		start := pair(t[i], t[i+1])
		if !signStarts[start] {
			continue
		}
		for _, k := range signs[start] {
			if int(k) < p.best && hasPrefix(t[i:end], producers[k].sign) {
				p.best = int(k)
			}
		}
	}
	p.to = end
	if p.best == len(producers) {
		return ""
	}
	return producers[p.best].name
}
