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
	{"http-outgoing-", "apache-httpclient", "set the loggers org.apache.http.wire and org.apache.http.headers (client5: org.apache.hc.client5.http) to INFO or above"},
	{"org.apache.hc.client5", "apache-httpclient", "set the logger org.apache.hc.client5.http to INFO or above"},
	{"okhttp", "okhttp", "call redactHeader(\"Authorization\") on the HttpLoggingInterceptor, or use Level.BASIC"},
	{"round_trippers.go", "kubectl", "run kubectl and client-go with a verbosity below 8"},
	{"urllib3.connectionpool", "urllib3", "set the logger urllib3 to INFO or above; send the token in a header, not in the URL"},
	{"send: b'", "python-http-client", "leave http.client.HTTPConnection.debuglevel at 0"},
	{"CIMultiDictProxy", "aiohttp", "log request.method and request.path, not the request_info or the headers"},
	{"AxiosHeaders", "axios", "log error.message, not the error or its config, which hold the request's headers"},
	{"outgoing message end", "node-http", "run without NODE_DEBUG=http"},
	{"Headers.append", "undici", "trim the token before it goes into a header: the exception quotes the value"},
	{"guzzlehttp", "guzzle", "set zend.exception_ignore_args=On, and use a MessageFormatter without {req_headers}"},
	{"DefaultFullHttpRequest", "netty", "log the request's method and URI, not the request"},
	{"DefaultHttpRequest", "netty", "log the request's method and URI, not the request"},
	{"org.springframework.web", "spring", "leave spring.mvc.log-request-details at false"},
	{"hyper::proto", "hyper", "set the target hyper to info in RUST_LOG, and mark the value with set_sensitive(true)"},
	{"provider.terraform-provider", "terraform", "run without TF_LOG, or with TF_LOG=INFO"},
	{"Method request headers:", "api-gateway", "turn off full request and response logging of the stage"},
	{"cli.azure.cli", "azure-cli", "run without --debug"},
	{"Microsoft.ApplicationInsights", "application-insights", "take the header out with a telemetry initializer"},
	{"botocore", "botocore", "set the logger botocore to INFO or above"},
	{"http.log.access", "caddy", "remove log_credentials from the global options"},
	{"audit.k8s.io", "kubernetes-audit", "set the audit policy for tokenreviews and secrets to Metadata"},
	{"haproxy[", "haproxy", "remove the capture request header of it"},
	{"INFO -- request:", "faraday", "use the logger middleware with headers: false, or a filter"},
	{"raw SAMLResponse", "saml", "set the SAML library's logger to INFO or above"},
	{"Started GET", "rails", "add the parameter to config.filter_parameters"},
	{"Parameters: {", "rails", "add the parameter to config.filter_parameters"},
	{"curl ", "curl", "pass the credential with --netrc or -K, and run the script without set -x"},
}

// producerFix holds the setting that stops a leak at what wrote it.
var producerFix = map[string]string{}

func init() {
	for _, p := range producers {
		if producerFix[p.name] == "" {
			producerFix[p.name] = p.fix
		}
	}
}

// producerOf names what wrote the line around t[at], as far as its shape tells.
func producerOf(t []byte, at int) string {
	lo := bytes.LastIndexByte(t[max(0, at-1024):at], '\n') + 1 + max(0, at-1024)
	line := t[lo:min(len(t), at+64)]
	if n := bytes.IndexByte(line[at-lo:], '\n'); n >= 0 {
		line = line[:at-lo+n]
	}
	for i := range producers {
		if bytes.Contains(line, []byte(producers[i].sign)) {
			return producers[i].name
		}
	}
	return ""
}
