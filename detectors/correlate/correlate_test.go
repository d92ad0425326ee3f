package correlate

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"why401/detectors"
	"why401/parsers"
	"why401/rules"
)

const (
	present = parsers.SentPresent
	absent  = parsers.SentAbsent
	browser = "Mozilla/5.0 (X11; Linux x86_64)"
)

// cases are scenes that one line doesn't decide, and scenes that look like them.
var cases = map[string]func(s *scene){
	"header stripped": func(s *scene) {
		s.traffic(0, 600, 100)
		for i := range 10 {
			s.both(req{at: float64(i * 50), ip: regular(i), path: "/reports", sent: present, status: 401, id: fmt.Sprint(i), fail: says(rules.MissingCredentials), want: "proxy_stripped_header"})
		}
	},
	"header really missing": func(s *scene) {
		s.traffic(0, 600, 100)
		for i := range 10 {
			s.both(req{at: float64(i * 50), ip: regular(i), path: "/reports", sent: absent, status: 401, id: fmt.Sprint(i), fail: says(rules.MissingCredentials), want: "missing_credentials"})
		}
	},
	"header missing, as nobody says more": func(s *scene) {
		s.edge(req{at: 1, ip: "192.0.2.1", sent: absent, status: 401, want: "missing_credentials"})
		s.edge(req{at: 2, ip: "192.0.2.1", path: "/x", sent: present, status: 401, want: "unknown"})
	},
	"the application that itself saw the header": func(s *scene) {
		r := req{at: 1, ip: "192.0.2.1", sent: present, status: 401, fail: says(rules.MissingCredentials), want: "missing_credentials"}
		s.app(r)
	},
	"the edge shows a name instead of a header": func(s *scene) {
		r := req{at: 1, ip: "192.0.2.1", status: 401, want: "proxy_stripped_header"}
		named, words := r, r
		named.user, words.fail = "svc", says(rules.MissingCredentials)
		s.expect(r, s.line(edgeLog, named), s.line(appLog, words))
	},
	"preflight": func(s *scene) {
		s.traffic(0, 100, 50)
		s.edge(req{at: 10, ip: "192.0.2.1", method: "OPTIONS", agent: browser, origin: "https://shop.example", status: 401, want: "cors_preflight"})
		s.edge(req{at: 20, ip: "192.0.2.2", method: "OPTIONS", agent: browser, status: 403, fail: says(rules.Unknown), want: "cors_preflight"})
		s.both(req{at: 30, ip: "192.0.2.3", method: "OPTIONS", agent: browser, origin: "https://shop.example", sent: absent, status: 401, id: "p", fail: says(rules.MissingCredentials), want: "cors_preflight"})
		s.edge(req{at: 40, ip: "192.0.2.4", method: "OPTIONS", sent: present, status: 401, fail: says(rules.ExpiredToken), want: "expired_token"})
	},
	"challenge": func(s *scene) {
		s.both(req{at: 10, ip: "192.0.2.1", method: "PROPFIND", sent: absent, status: 401, fail: says(rules.MissingCredentials), want: "benign_challenge"})
		s.both(req{at: 10.4, ip: "192.0.2.1", method: "PROPFIND", sent: present, status: 207})
		s.app(req{at: 60, ip: "192.0.2.2", status: 401, want: "benign_challenge"}) // two legs
		s.app(req{at: 60.2, ip: "192.0.2.2", status: 401, want: "benign_challenge"})
		s.app(req{at: 60.4, ip: "192.0.2.2", status: 200})
	},
	"challenge in a log of whole seconds": func(s *scene) {
		s.edge(req{at: 10, ip: "192.0.2.1", status: 200}) // before, in the same second
		s.edge(req{at: 10, ip: "192.0.2.1", status: 401, want: "unknown"})
		s.edge(req{at: 30, ip: "192.0.2.1", status: 401, want: "benign_challenge"})
		s.edge(req{at: 30, ip: "192.0.2.1", status: 200})
	},
	"no challenge": func(s *scene) {
		s.edge(req{at: 10, ip: "192.0.2.1", sent: absent, status: 401, want: "missing_credentials"}) // nobody came back
		s.edge(req{at: 20, ip: "192.0.2.2", sent: absent, status: 401, want: "missing_credentials"})
		s.edge(req{at: 25, ip: "192.0.2.2", sent: present, status: 200}) // too late
		s.edge(req{at: 30, ip: "192.0.2.3", sent: absent, status: 401, want: "missing_credentials"})
		s.edge(req{at: 30.5, ip: "192.0.2.4", sent: present, status: 200}) // another client
		s.edge(req{at: 40, ip: "192.0.2.5", sent: absent, status: 401, agent: "a/1", want: "missing_credentials"})
		s.edge(req{at: 40.5, ip: "192.0.2.5", sent: present, status: 200, agent: "b/2"}) // another behind the same address
		s.edge(req{at: 50, ip: "192.0.2.6", sent: present, status: 401, fail: says(rules.BadCredentials), want: "bad_credentials"})
		s.edge(req{at: 50.5, ip: "192.0.2.6", sent: present, status: 200}) // typed again
		s.edge(req{at: 60, ip: "192.0.2.7", sent: absent, status: 401, want: "missing_credentials"})
		s.edge(req{at: 60.5, ip: "192.0.2.7", path: "/else", sent: present, status: 200}) // another path
	},
	"password typed into the browser's dialog": func(s *scene) {
		s.both(req{at: 10, ip: "192.0.2.1", sent: absent, status: 401, agent: browser, fail: says(rules.MissingCredentials), want: "benign_challenge"})
		s.both(req{at: 22, ip: "192.0.2.1", sent: present, status: 200, agent: browser, scheme: detectors.SchemeBasic})
		s.edge(req{at: 60, ip: "192.0.2.2", status: 401, agent: browser, want: "benign_challenge"})
		s.edge(req{at: 75, ip: "192.0.2.2", user: "kim", status: 200, agent: browser})
		s.edge(req{at: 100, ip: "192.0.2.3", status: 401, agent: browser, fail: says(rules.MissingCredentials), want: "missing_credentials"}) // gave up
		s.edge(req{at: 200, ip: "192.0.2.4", status: 401, agent: "curl/8.9", fail: says(rules.MissingCredentials), want: "missing_credentials"})
		s.edge(req{at: 215, ip: "192.0.2.4", user: "kim", status: 200, agent: "curl/8.9"})
	},
	"a page whose login gives out tokens": func(s *scene) {
		s.edge(req{at: 10, ip: "192.0.2.1", sent: absent, status: 401, agent: browser, fail: says(rules.MissingCredentials), want: "missing_credentials"})
		s.edge(req{at: 20, ip: "192.0.2.1", method: "POST", path: "/login", kind: detectors.Login, status: 200, agent: browser})
		s.edge(req{at: 21, ip: "192.0.2.1", user: "kim", status: 200, agent: browser})
		s.edge(req{at: 40, ip: "192.0.2.2", sent: absent, status: 401, agent: browser, fail: says(rules.MissingCredentials), want: "missing_credentials"})
		s.edge(req{at: 60, ip: "192.0.2.2", sent: present, scheme: detectors.SchemeBearer, status: 200, agent: browser})
	},
	"a scheme with which nobody is accepted": func(s *scene) {
		for i := range 10 {
			s.both(req{at: float64(i), ip: regular(i), sent: present, scheme: detectors.SchemeBearer, status: 200, id: fmt.Sprint("a", i)})
		}
		s.both(req{at: 20, ip: "192.0.2.1", sent: present, scheme: detectors.SchemeBasic, status: 401, id: "x", fail: says(rules.MissingCredentials), want: "wrong_scheme"})
		s.both(req{at: 30, ip: "192.0.2.2", sent: present, scheme: detectors.SchemeBearer, status: 401, id: "y", fail: says(rules.MissingCredentials), want: "proxy_stripped_header"})
		s.both(req{at: 40, ip: "192.0.2.3", sent: present, scheme: detectors.SchemeBasic, status: 200, id: "z"})
		s.both(req{at: 50, ip: "192.0.2.1", sent: present, scheme: detectors.SchemeBasic, status: 401, id: "w", fail: says(rules.MissingCredentials), want: "proxy_stripped_header"})
	},
	"a login of which one hop says no more than the status": func(s *scene) {
		s.both(req{at: 10, ip: "192.0.2.1", method: "POST", path: "/login", kind: detectors.Login, status: 401, id: "x", fail: says(rules.Unknown), want: "bad_credentials"})
	},
	"both legs of a handshake in one second": func(s *scene) {
		s.edge(req{at: 10, ip: "192.0.2.1", path: "/digest", status: 401, want: "unknown"})
		s.expect(req{at: 10, want: "digest_stale_nonce"}, s.line(edgeLog, req{at: 10, ip: "192.0.2.1", path: "/digest", user: "kim", status: 401, fail: named()}),
			s.line(authLog, req{at: 10.4, ip: "192.0.2.1", path: "/digest", fail: says(rules.DigestStaleNonce)}))
	},
	"what a connection says of one request": func(s *scene) {
		r := req{at: 10, ip: "192.0.2.1", thread: "18", fail: says(rules.IDPUnreachable), want: "idp_unreachable"}
		s.expect(r, s.line(appLog, r), s.line(appLog, r), s.line(edgeLog, req{at: 10, ip: "192.0.2.1", status: 500}))
		s.app(req{at: 30, ip: "192.0.2.1", thread: "18", path: "-", fail: says(rules.MTLSClientCert), want: "mtls_client_cert"})
		s.app(req{at: 30, ip: "192.0.2.1", thread: "19", path: "-", fail: says(rules.MTLSClientCert), want: "mtls_client_cert"})
	},
	"words that say nothing was sent beside a field that shows it": func(s *scene) {
		missing := req{at: 10, ip: "192.0.2.1", sent: present, status: 401, fail: says(rules.MissingCredentials)}
		other := missing
		other.fail = named()
		s.expect(req{at: 10, want: "bad_credentials"}, s.line(appLog, missing), s.line(edgeLog, other))
	},
	"one server whose words don't know what its access log shows": func(s *scene) {
		words := req{at: 10, ip: "192.0.2.1", fail: says(rules.MissingCredentials)}
		s.expect(req{at: 10, want: "malformed_header"}, s.line(edgeLog, req{at: 10, ip: "192.0.2.1", sent: present, status: 401}), s.line(errorLog, words))
	},
	"the words of a framework, its answer, and a bare 403 of the edge": func(s *scene) {
		vague := says(rules.InsufficientPermission)
		vague.Confidence = 0.6
		s.expect(req{at: 10, want: "csrf_failure"}, s.line(edgeLog, req{at: 10, ip: "192.0.2.1", method: "POST", status: 403}),
			s.line(appLog, req{at: 10.002, ip: "192.0.2.1", method: "POST", fail: says(rules.CSRFFailure)}),
			s.line(appLog, req{at: 10.002, method: "POST", status: 403, fail: vague}))
	},
	"the words of a framework, and its answer without a reason": func(s *scene) {
		for i := range 4 { // close together, so that words could go with another's answer
			at, ip := 10+0.3*float64(i), regular(i)
			s.expect(req{at: at, want: "oidc_flow_failure"}, s.line(edgeLog, req{at: at - 0.01, ip: ip, method: "POST", path: "/token", kind: detectors.Token, status: 400}),
				s.line(appLog, req{at: at, method: "POST", path: "/token", kind: detectors.Token, fail: says(rules.OIDCFlowFailure)}),
				s.line(appLog, req{at: at, ip: ip, method: "POST", path: "/token", kind: detectors.Token, status: 400}))
		}
	},
	"words of one thread beside a vague sentence": func(s *scene) {
		vague := says(rules.Unknown)
		vague.Confidence = 0.4
		s.expect(req{at: 10, want: "expired_token"}, s.line(appLog, req{at: 10, ip: "192.0.2.1", thread: "w3", fail: says(rules.ExpiredToken)}),
			s.line(appLog, req{at: 10, path: "-", thread: "w3", fail: vague}))
		s.app(req{at: 30, ip: "192.0.2.1", thread: "w3", fail: says(rules.ExpiredToken), want: "expired_token"})
		s.app(req{at: 30, ip: "192.0.2.2", thread: "w4", fail: vague, want: "unknown"})
	},
	"an authorizer that is asked on a path of its own": func(s *scene) {
		s.expect(req{at: 10, want: "expired_token"}, s.line(edgeLog, req{at: 10, ip: "192.0.2.1", method: "POST", status: 401}),
			s.line(authLog, req{at: 10.004, ip: "192.0.2.1", path: "/verify", status: 401, fail: says(rules.ExpiredToken)}))
		s.edge(req{at: 30, ip: "192.0.2.1", status: 401, want: "unknown"}) // two requests at once
		s.expect(req{at: 30, want: "expired_token"}, s.line(edgeLog, req{at: 30.001, ip: "192.0.2.1", path: "/verify", status: 401}),
			s.line(authLog, req{at: 30.004, ip: "192.0.2.1", path: "/verify", status: 401, fail: says(rules.ExpiredToken)}))
		s.edge(req{at: 50.1, ip: "192.0.2.1", status: 401, want: "unknown"}) // too far apart
		s.expect(req{at: 50.1, want: "expired_token"}, s.line(authLog, req{at: 50.4, ip: "192.0.2.1", path: "/verify", status: 401, fail: says(rules.ExpiredToken)}))
	},
	"words that say no more than that nobody is known": func(s *scene) {
		nobody := says(rules.MissingCredentials, rules.InvalidToken)
		s.both(req{at: 1, ip: "192.0.2.1", sent: present, status: 200, id: "a"})
		s.both(req{at: 10, ip: "192.0.2.1", sent: present, status: 401, id: "b", fail: nobody, want: "expired_token"})
		s.both(req{at: 10.2, ip: "192.0.2.1", method: "POST", path: "/token", kind: detectors.Token, status: 200, id: "c"})
		s.both(req{at: 10.5, ip: "192.0.2.1", sent: present, status: 200, id: "d"})
		s.both(req{at: 60, ip: "192.0.2.2", sent: present, status: 401, id: "e", fail: nobody, want: "unknown"})
		s.both(req{at: 90, ip: "192.0.2.3", sent: absent, status: 401, id: "f", fail: nobody, want: "missing_credentials"})
	},
	"a replica that started a moment ago": func(s *scene) {
		s.traffic(0, 300, 100)
		s.line(appLog, req{at: 299, kind: detectors.Restart, app: "b"})
		for i := range 12 { // too few to tell it from chance otherwise
			at := 300 + float64(i*20)
			s.both(req{at: at, ip: regular(i), sent: present, status: 200, id: fmt.Sprint("g", i), app: "a"})
			s.both(req{at: at + 5, ip: regular(i + 3), sent: present, status: 401, id: fmt.Sprint("f", i), app: "b", fail: says(rules.InvalidSignature), want: "server_misconfiguration"})
		}
	},
	"a page that sends to another": func(s *scene) {
		s.both(req{at: 1, ip: "192.0.2.1", sent: present, status: 302, id: "a"})
		s.both(req{at: 60, ip: "192.0.2.1", sent: absent, status: 401, id: "b", fail: says(rules.MissingCredentials, rules.ExpiredSession), want: "missing_credentials"})
		s.both(req{at: 1, ip: "192.0.2.2", status: 200, id: "c"})
		s.both(req{at: 60, ip: "192.0.2.2", status: 401, id: "d", fail: says(rules.MissingCredentials, rules.ExpiredSession), want: "expired_session"})
	},
	"such words on one path alone": func(s *scene) {
		s.traffic(0, 600, 100)
		for i := range 10 {
			s.both(req{at: float64(i*20 + 30), ip: regular(i), path: "/reports", sent: present, status: 401, id: fmt.Sprint(i), fail: says(rules.MissingCredentials, rules.InvalidToken), want: "proxy_stripped_header"})
		}
	},
	"token refreshed": func(s *scene) {
		for i := range 5 {
			s.both(req{at: float64(i), ip: "192.0.2.1", sent: present, status: 200, id: fmt.Sprint("a", i)})
		}
		s.both(req{at: 10, ip: "192.0.2.1", sent: present, status: 401, id: "x", fail: says(rules.InvalidToken), want: "expired_token"})
		s.both(req{at: 10.3, ip: "192.0.2.1", method: "POST", path: "/oauth/token", kind: detectors.Token, status: 200, id: "y"})
		s.both(req{at: 10.6, ip: "192.0.2.1", sent: present, status: 200, id: "z"})
	},
	"token refreshed where the log tells the user": func(s *scene) {
		refused := rules.Verdict{Cause: rules.BadCredentials, Confidence: 0.6}
		s.edge(req{at: 1, ip: "192.0.2.3", method: "POST", path: "/token/refresh", kind: detectors.Token, status: 200})
		s.edge(req{at: 10, ip: "192.0.2.1", user: "amy", status: 401, fail: refused, want: "expired_token"})
		s.edge(req{at: 10.4, ip: "192.0.2.1", method: "POST", path: "/token/refresh", kind: detectors.Token, status: 200})
		s.edge(req{at: 10.8, ip: "192.0.2.1", user: "amy", status: 200})
		s.edge(req{at: 60, ip: "192.0.2.2", user: "ben", status: 401, fail: refused, want: "bad_credentials"})
	},
	"logins while nobody can check them": func(s *scene) {
		login := req{method: "POST", path: "/login", kind: detectors.Login}
		for i := range 200 { // the directory's log has another clock, and names
			r := login
			r.at, r.ip, r.status = float64(i*5), fmt.Sprint("192.0.2.", i%80+1), 200
			if down := i >= 60 && i < 160; down || i%20 == 7 {
				r.status, r.fail = 401, rules.Verdict{Cause: rules.BadCredentials, Confidence: 0.7}
				if r.want = "bad_credentials"; i >= 64 && i < 160 { // the first are told before anything shows it
					r.want = "idp_unreachable"
				}
				if down {
					s.line(authLog, req{at: r.at + 32.5, user: fmt.Sprint("u", i), path: "-", method: "-", kind: detectors.Login, fail: says(rules.IDPUnreachable)})
				}
			}
			s.edge(r)
		}
	},
	"token fetched for the first time": func(s *scene) {
		s.edge(req{at: 10, ip: "192.0.2.1", path: "/v2/", sent: absent, status: 401, want: "benign_challenge"})
		s.edge(req{at: 10.3, ip: "192.0.2.1", method: "POST", path: "/token", kind: detectors.Token, status: 200})
		s.edge(req{at: 10.6, ip: "192.0.2.1", path: "/v2/", sent: present, status: 200})
	},
	"session ended": func(s *scene) {
		s.both(req{at: 1, ip: "192.0.2.1", sent: present, status: 200, id: "w"})
		s.both(req{at: 10, ip: "192.0.2.1", sent: present, status: 401, id: "x", fail: says(rules.InvalidToken), want: "expired_session"})
		s.both(req{at: 10.3, ip: "192.0.2.1", method: "POST", path: "/oauth/token", kind: detectors.Token, status: 400, id: "y", fail: says(rules.OIDCFlowFailure), want: "expired_session"})
		s.both(req{at: 40, ip: "192.0.2.2", method: "POST", path: "/oauth/token", kind: detectors.Token, status: 400, id: "z", fail: says(rules.OIDCFlowFailure), want: "oidc_flow_failure"})
	},
	"login page instead of the page": func(s *scene) {
		s.app(req{at: 1, ip: "192.0.2.1", status: 200})
		s.app(req{at: 1000, ip: "192.0.2.1", status: 302, fail: says(rules.MissingCredentials), want: "expired_session"})
		s.app(req{at: 1000, ip: "192.0.2.2", status: 302, fail: says(rules.MissingCredentials), want: "missing_credentials"})
	},
	"keys changed": func(s *scene) {
		s.traffic(0, 600, 100)
		for i := range 40 {
			s.both(req{at: 600 + float64(i*3), ip: regular(i), sent: present, status: 401, id: fmt.Sprint("k", i), app: []string{"a", "b"}[i%2], fail: says(rules.InvalidSignature), want: "unknown_key"})
		}
		s.traffic(720, 1200, 100)
	},
	"one foreign token": func(s *scene) {
		s.traffic(0, 1200, 300)
		for i := range 20 {
			s.both(req{at: 300 + float64(i*20), ip: "192.0.2.77", sent: present, status: 401, id: fmt.Sprint("f", i), app: []string{"a", "b"}[i%2], fail: says(rules.InvalidSignature), want: "wrong_issuer"})
		}
	},
	"forged tokens of strangers": func(s *scene) {
		s.traffic(0, 1200, 300)
		for i := range 40 {
			s.both(req{at: 300 + float64(i*3), ip: fmt.Sprint("203.0.113.", i+1), sent: present, status: 401, id: fmt.Sprint("f", i), app: []string{"a", "b"}[i%2], fail: says(rules.InvalidSignature), want: "invalid_signature"})
		}
	},
	"one replica at fault since its restart": func(s *scene) {
		s.traffic(0, 1200, 300)
		s.app(req{at: 395, app: "c", kind: detectors.Restart})
		for i := range 30 {
			s.both(req{at: 400 + float64(i*10), ip: regular(i), sent: present, status: 401, id: fmt.Sprint("r", i), app: "c", fail: says(rules.InvalidToken), want: "server_misconfiguration"})
		}
	},
	"one replica's secret since its restart": func(s *scene) {
		s.traffic(0, 1200, 300)
		s.app(req{at: 395, app: "c", kind: detectors.Restart})
		for i := range 40 {
			s.both(req{at: 400 + float64(i*8), ip: regular(i), path: []string{"", "/carts", "/bills"}[i%3], sent: present, status: 401, id: fmt.Sprint("r", i), app: "c", fail: says(rules.InvalidSignature), want: "server_misconfiguration"})
		}
	},
	"forged tokens of one client": func(s *scene) {
		s.traffic(0, 1200, 300)
		for i := range 60 {
			fail := says(rules.InvalidSignature)
			if i%7 == 3 {
				fail = says(rules.MalformedToken)
			}
			s.both(req{at: 300 + float64(i)*1.5, ip: "203.0.113.9", sent: present, status: 401, id: fmt.Sprint("f", i), app: []string{"a", "b"}[i%2], fail: fail, want: fail.Cause.String()})
		}
	},
	"one replica's clock": func(s *scene) {
		s.traffic(0, 1200, 300)
		for i := range 30 {
			want := "clock_skew"
			if i == 0 {
				want = "expired_token" // alone it isn't doubted
			}
			s.both(req{at: 400 + float64(i*4), ip: regular(i), sent: present, status: 401, id: fmt.Sprint("r", i), app: "b", fail: says(rules.ExpiredToken), want: want})
		}
	},
	"failures on all replicas alike": func(s *scene) {
		s.traffic(0, 1200, 300)
		s.app(req{at: 395, app: "a", kind: detectors.Restart})
		for i := range 30 {
			s.both(req{at: 400 + float64(i*10), ip: regular(i), sent: present, status: 401, id: fmt.Sprint("r", i), app: []string{"a", "b"}[i%2], fail: says(rules.ExpiredToken), want: "expired_token"})
		}
	},
	"identity provider down": func(s *scene) {
		s.traffic(0, 600, 100)
		for i := range 6 {
			s.line(appLog, req{at: 599 + float64(i*20), app: "a", kind: detectors.Dependency, fail: signal()})
		}
		for i := range 40 {
			s.both(req{at: 600 + float64(i*3), ip: regular(i), sent: present, status: 401, id: fmt.Sprint("k", i), app: []string{"a", "b"}[i%2], fail: says(rules.InvalidToken), want: "idp_unreachable"})
		}
		s.traffic(720, 1200, 100)
	},
	"the last one before everybody is let in again": func(s *scene) {
		s.traffic(0, 600, 400)
		for i := range 40 {
			s.both(req{at: 600 + float64(i*3), ip: regular(i), sent: present, status: 401, id: fmt.Sprint("k", i), app: []string{"a", "b"}[i%2], fail: says(rules.InvalidSignature), want: "unknown_key"})
		}
		s.traffic(717.5, 760, 80)
	},
	"identity provider down, nobody minds": func(s *scene) {
		s.traffic(0, 600, 200) // keys are cached
		s.app(req{at: 299, app: "a", kind: detectors.Dependency, fail: signal(), want: "idp_unreachable"})
		s.line(appLog, req{at: 310, app: "a", kind: detectors.Dependency, fail: signal()})
		s.both(req{at: 301, ip: "192.0.2.1", sent: present, status: 401, id: "k", app: "a", fail: says(rules.InvalidToken), want: "invalid_token"})
	},
	"everybody refused after a restart": func(s *scene) {
		s.traffic(0, 600, 100)
		s.app(req{at: 598, kind: detectors.Restart})
		for i := range 40 {
			s.both(req{at: 600 + float64(i*3), ip: regular(i), sent: present, status: 401, id: fmt.Sprint("k", i), fail: says(rules.InvalidToken), want: "server_misconfiguration"})
		}
	},
	"everybody refused, and nothing says why": func(s *scene) {
		s.traffic(0, 600, 100)
		for i := range 40 {
			s.both(req{at: 600 + float64(i*3), ip: regular(i), sent: present, status: 401, id: fmt.Sprint("k", i), fail: says(rules.WrongAudience), want: "server_misconfiguration"})
		}
	},
	"passwords guessed while nobody else is there": func(s *scene) {
		s.traffic(0, 600, 100)
		for i := range 40 {
			s.both(req{at: 700 + float64(i*3), ip: fmt.Sprint("203.0.113.", i+1), sent: present, status: 401, id: fmt.Sprint("k", i), fail: says(rules.BadCredentials), want: "bad_credentials"})
		}
	},
	"one client that goes on and on": func(s *scene) {
		s.traffic(0, 600, 300)
		for i := range 1000 {
			s.edge(req{at: 300 + float64(i)/5, ip: regular(1), status: 401, want: "unknown"})
		}
		for i := range 10 {
			s.edge(req{at: 310 + float64(i*5), ip: regular(i + 3), path: "/else", status: 401, want: "unknown"})
		}
	},
	"a login that nobody could check": func(s *scene) {
		guess := rules.Verdict{Cause: rules.BadCredentials, Confidence: 0.7, Tier: rules.TierStatus, Rule: "bad_credentials/login-route"}
		login := req{ip: "192.0.2.1", method: "POST", path: "/login", kind: detectors.Login, status: 401, fail: guess}
		login.at, login.want = 10, "idp_unreachable" // a whole second: any time of it
		s.edge(login)
		s.line(appLog, req{at: 10.3, kind: detectors.Dependency, path: "-", fail: says(rules.IDPUnreachable)})
		login.at, login.want = 40, "bad_credentials"
		s.edge(login)
	},
	"forward auth": func(s *scene) {
		r := req{at: 10, ip: "192.0.2.1", sent: present, status: 401, id: "x", fail: says(rules.OriginDenied)}
		inner := req{at: 9.99, path: "/verify", status: 401, id: "x", fail: says(rules.ExpiredToken)}
		s.expect(req{want: "expired_token"}, s.line(authLog, inner), s.line(edgeLog, r))
	},
	"lines without ids": func(s *scene) {
		s.both(req{at: 10, ip: "192.0.2.1", sent: present, status: 401, fail: says(rules.ExpiredToken), want: "expired_token"})
		s.both(req{at: 10.5, ip: "192.0.2.1", sent: present, status: 401, fail: says(rules.WrongAudience), want: "wrong_audience"})
		s.both(req{at: 10.5, ip: "192.0.2.2", sent: present, status: 401, fail: says(rules.WrongIssuer), want: "wrong_issuer"})
	},
	"an application that doesn't tell the client": func(s *scene) {
		for _, ip := range []string{"", "10.0.0.7"} {
			at := 10.0 + float64(len(ip))
			s.expect(req{at: at, want: "expired_token"}, s.line(edgeLog, req{at: at, ip: "192.0.2.1", sent: present, status: 401}),
				s.line(appLog, req{at: at + 0.01, ip: ip, status: 401, fail: says(rules.ExpiredToken)}))
		}
	},
	"a message that tells neither client nor path": func(s *scene) {
		s.expect(req{at: 10, want: "expired_token"}, s.line(edgeLog, req{at: 10, ip: "192.0.2.1", status: 401}),
			s.line(appLog, req{at: 10.01, path: "-", fail: says(rules.ExpiredToken)}))
	},
	"words and answer in one log": func(s *scene) {
		s.expect(req{at: 10, want: "expired_token"}, s.line(appLog, req{at: 10, path: "-", fail: says(rules.ExpiredToken)}),
			s.line(appLog, req{at: 10.001, ip: "192.0.2.1", status: 401}))
		s.expect(req{at: 20, want: "bad_credentials"}, s.line(appLog, req{at: 20, ip: "192.0.2.1", method: "POST", path: "-", user: "kim", kind: detectors.Login, fail: says(rules.BadCredentials)}),
			s.line(appLog, req{at: 20.1, ip: "192.0.2.1", method: "POST", path: "/login", kind: detectors.Login, status: 401}))
		s.app(req{at: 30, path: "-", fail: says(rules.ExpiredToken), want: "expired_token"}) // of two requests one
		s.app(req{at: 30.001, ip: "192.0.2.1", status: 401, want: "unknown"})
		s.app(req{at: 30.001, ip: "192.0.2.2", status: 401, want: "unknown"})
	},
	"identity provider down, said by the requests themselves": func(s *scene) {
		s.traffic(0, 600, 100)
		for i := range 40 {
			r := req{at: 600 + float64(i*3), ip: regular(i), sent: present, status: 401, id: fmt.Sprint("k", i), fail: says(rules.InvalidToken), want: "idp_unreachable"}
			if i%10 == 0 {
				r.kind, r.fail = detectors.Dependency, signal()
			}
			s.both(r)
		}
	},
	"a login form answered with 200": func(s *scene) {
		s.expect(req{at: 10, want: "bad_credentials"}, s.line(edgeLog, req{at: 10, ip: "192.0.2.1", method: "POST", path: "/login", kind: detectors.Login, status: 200}),
			s.line(appLog, req{at: 10.01, ip: "192.0.2.1", method: "POST", path: "/login", kind: detectors.Login, user: "kim", fail: says(rules.BadCredentials)}))
	},
	"one id for every request": func(s *scene) {
		for i := range 5 {
			s.edge(req{at: 10 + float64(i)/10, ip: fmt.Sprint("192.0.2.", i+1), status: 401, id: "1", want: "unknown"})
		}
	},
	"a line that comes late": func(s *scene) { // it is no second failure
		s.expect(req{at: 10, want: "missing_credentials"}, s.line(edgeLog, req{at: 10, ip: "192.0.2.1", sent: absent, status: 401, id: "x"}))
		s.line(appLog, req{at: 30, ip: "192.0.2.1", status: 401, id: "x", fail: says(rules.MissingCredentials)})
	},
	"form refused": func(s *scene) {
		s.app(req{at: 10, ip: "192.0.2.1", status: 200, agent: browser})
		s.app(req{at: 20, ip: "192.0.2.1", method: "POST", status: 403, agent: browser, fail: says(rules.Unknown, rules.CSRFFailure), want: "csrf_failure"})
		s.app(req{at: 20, ip: "192.0.2.2", method: "POST", status: 403, agent: browser, fail: says(rules.Unknown, rules.CSRFFailure), want: "unknown"})
	},
	"account locked": func(s *scene) {
		s.app(req{at: 10, ip: "192.0.2.1", user: "kim", kind: detectors.Login, status: 401, fail: says(rules.AccountLockedOrDisabled), want: "account_locked_or_disabled"})
		s.app(req{at: 30, ip: "192.0.2.1", user: "kim", kind: detectors.Login, status: 401, fail: says(rules.BadCredentials), want: "account_locked_or_disabled"})
		s.app(req{at: 30, ip: "192.0.2.1", user: "lee", kind: detectors.Login, status: 401, fail: says(rules.BadCredentials), want: "bad_credentials"})
		s.app(req{at: 9000, ip: "192.0.2.1", user: "kim", kind: detectors.Login, status: 401, fail: says(rules.BadCredentials), want: "bad_credentials"})
	},
	"wrong endpoint": func(s *scene) {
		s.traffic(0, 600, 100)
		s.both(req{at: 290, ip: "192.0.2.9", path: "/ordres", sent: present, status: 401, id: "first", want: "wrong_endpoint"})
		for i := range 5 {
			s.both(req{at: 300 + float64(i), ip: regular(i), path: "/ordres", sent: present, status: 401, id: fmt.Sprint("w", i), want: "wrong_endpoint"})
			s.both(req{at: 400 + float64(i), ip: fmt.Sprint("192.0.2.", i+1), path: "/ordrs", sent: present, status: 401, id: fmt.Sprint("v", i), want: "unknown"}) // strangers
		}
	},
	"every session lost at once": func(s *scene) {
		s.traffic(0, 600, 200)
		for i := range 12 {
			at, ip := 300+float64(i*3), fmt.Sprint("192.0.2.", i+1)
			s.both(req{at: at - 60, ip: ip, sent: present, status: 200, id: fmt.Sprint("w", i)})
			s.both(req{at: at, ip: ip, sent: present, status: 401, id: fmt.Sprint("x", i), fail: says(rules.InvalidToken), want: "server_misconfiguration"})
			s.both(req{at: at + 0.3, ip: ip, method: "POST", path: "/oauth/token", kind: detectors.Token, status: 400, id: fmt.Sprint("y", i), fail: says(rules.OIDCFlowFailure), want: "server_misconfiguration"})
		}
	},
	"sessions that end one by one": func(s *scene) {
		s.traffic(0, 3000, 600)
		for i := range 12 {
			at, ip := 300+float64(i*200), fmt.Sprint("192.0.2.", i+1)
			s.both(req{at: at - 60, ip: ip, sent: present, status: 200, id: fmt.Sprint("w", i)})
			s.both(req{at: at, ip: ip, sent: present, status: 401, id: fmt.Sprint("x", i), fail: says(rules.InvalidToken), want: "expired_session"})
			s.both(req{at: at + 0.3, ip: ip, method: "POST", path: "/oauth/token", kind: detectors.Token, status: 400, id: fmt.Sprint("y", i), fail: says(rules.OIDCFlowFailure), want: "expired_session"})
		}
	},
	"some sessions end while others are renewed": func(s *scene) {
		s.both(req{at: 290, ip: "192.0.2.99", method: "POST", path: "/oauth/token", kind: detectors.Token, status: 200, id: "v"})
		for i := range 24 {
			at, ip, status := 300+float64(i*3), fmt.Sprint("192.0.2.", i+1), 400
			r := req{at: at, ip: ip, sent: present, status: 401, id: fmt.Sprint("x", i), fail: says(rules.InvalidToken), want: "expired_session"}
			grant := req{at: at + 0.3, ip: ip, method: "POST", path: "/oauth/token", kind: detectors.Token, status: status, id: fmt.Sprint("y", i), fail: says(rules.OIDCFlowFailure), want: "expired_session"}
			if i%2 == 0 {
				r.want, grant.want, grant.status, grant.fail = "expired_token", "", 200, rules.Verdict{}
			}
			s.both(r)
			s.both(grant)
		}
	},
	"a server whose clock is ahead": func(s *scene) {
		for i := range 12 {
			at, ip := 300+float64(i*5), fmt.Sprint("192.0.2.", i%4+1)
			s.both(req{at: at, ip: ip, method: "POST", path: "/oauth/token", kind: detectors.Token, status: 200, id: fmt.Sprint("y", i)})
			s.both(req{at: at + 4, ip: ip, sent: present, status: 401, id: fmt.Sprint("x", i), fail: says(rules.ExpiredToken), want: "clock_skew"})
		}
	},
	"clients that keep an old token": func(s *scene) {
		s.traffic(0, 600, 200)
		for i := range 12 {
			at, ip := 300+float64(i*5), fmt.Sprint("192.0.2.", i%4+1)
			s.both(req{at: at, ip: ip, method: "POST", path: "/oauth/token", kind: detectors.Token, status: 200, id: fmt.Sprint("y", i)})
			s.both(req{at: at + 4, ip: ip, sent: present, status: 401, id: fmt.Sprint("x", i), fail: says(rules.ExpiredToken), want: "expired_token"})
		}
	},
	"tokens made anew that are past their end each time": func(s *scene) {
		s.traffic(0, 600, 200)
		for i := range 6 {
			r := req{at: 300 + float64(i*20), ip: "192.0.2.1", sent: present, status: 401, id: fmt.Sprint("x", i), lapse: 3*time.Minute + time.Duration(i%2)*time.Second, fail: says(rules.ExpiredToken), want: "clock_skew"}
			if i == 0 {
				r.want = "expired_token" // alone it isn't doubted
			}
			s.both(r)
		}
	},
	"tokens refreshed when they are refused": func(s *scene) {
		for i := range 6 { // always some seconds late, as it asks once a minute
			s.both(req{at: float64(i * 240), ip: "192.0.2.1", sent: present, status: 401, id: fmt.Sprint("x", i), lapse: 12 * time.Second, fail: says(rules.ExpiredToken), want: "expired_token"})
			s.both(req{at: float64(i*240) + 1, ip: "192.0.2.1", sent: present, status: 200, id: fmt.Sprint("y", i)})
		}
	},
	"one token that gets older": func(s *scene) {
		for i := range 6 {
			at := 300 + float64(i*20)
			s.both(req{at: at, ip: "192.0.2.1", sent: present, status: 401, id: fmt.Sprint("x", i), lapse: time.Duration(at) * time.Second, fail: says(rules.ExpiredToken), want: "expired_token"})
			r := req{at: at, ip: "192.0.2.2", sent: present, status: 403, id: fmt.Sprint("y", i), lapse: time.Duration(at) * time.Second, fail: says(rules.ClockSkew), want: "expired_token"}
			r.fail.Evidence = "Signature expired: 1 is now earlier than 2"
			if i == 0 {
				r.want = "clock_skew"
			}
			s.both(r)
		}
	},
	"refused until it was shut out": func(s *scene) {
		for i := range 12 {
			s.app(req{at: float64(i * 2), ip: "192.0.2.1", user: "kim", kind: detectors.Login, status: 401, fail: says(rules.BadCredentials), want: "bad_credentials"})
		}
		s.app(req{at: 25, ip: "192.0.2.1", status: 429, fail: says(rules.RateLimitedOrBlocked), want: "rate_limited_or_blocked"})
		s.app(req{at: 30, ip: "192.0.2.1", status: 403, fail: says(rules.Unknown), want: "rate_limited_or_blocked"})
		s.app(req{at: 30, ip: "192.0.2.2", status: 403, fail: says(rules.Unknown), want: "unknown"})
	},
	"nonces of another server": func(s *scene) {
		for i := range 6 {
			r := req{at: float64(i * 9), ip: "192.0.2.1", status: 401, app: []string{"a", "b"}[i%2], fail: says(rules.DigestReplay), want: "digest_stale_nonce"}
			if i == 0 {
				r.want = "digest_replay"
			}
			s.app(r)
			s.app(req{at: float64(i * 9), ip: "192.0.2.2", status: 401, app: "a", fail: says(rules.DigestReplay), want: "digest_replay"})
		}
	},
	"a name that may not go everywhere": func(s *scene) {
		for i := range 4 {
			at := float64(i * 60)
			s.edge(req{at: at, ip: "192.0.2.1", user: "kim", status: 200})
			s.edge(req{at: at + 10, ip: "192.0.2.1", user: "kim", path: "/admin", status: 401, fail: named(), want: "insufficient_permission"})
			s.edge(req{at: at + 20, ip: "192.0.2.1", user: "kim", status: 200})
			s.edge(req{at: at + 12, ip: "192.0.2.2", user: "kim", path: "/admin", status: 401, fail: named(), want: "bad_credentials"}) // somebody else
		}
	},
	"a password typed wrong": func(s *scene) {
		s.edge(req{at: 0, ip: "192.0.2.1", user: "kim", status: 200})
		s.edge(req{at: 10, ip: "192.0.2.1", user: "kim", path: "/b", status: 401, fail: named(), want: "bad_credentials"})
		s.edge(req{at: 15, ip: "192.0.2.1", user: "kim", path: "/b", status: 200})
	},
	"a name that was accepted until now": func(s *scene) {
		for i := range 8 {
			s.edge(req{at: float64(i * 10), ip: fmt.Sprint("192.0.2.", i%2+1), user: "kim", status: 200})
			s.edge(req{at: float64(i * 10), ip: "192.0.2.9", user: "lee", status: 200})
		}
		for i := range 8 {
			s.edge(req{at: 100 + float64(i*10), ip: fmt.Sprint("192.0.2.", i%2+1), user: "kim", status: 401, fail: named(), want: "account_locked_or_disabled"})
			s.edge(req{at: 100 + float64(i*10), ip: "192.0.2.9", user: "lee", status: 401, fail: named(), want: "bad_credentials"})
		}
	},
	"no role, or no token": func(s *scene) {
		s.both(req{at: 1, ip: "192.0.2.1", sent: absent, status: 403, id: "x", fail: says(rules.InsufficientPermission, rules.MissingCredentials), want: "missing_credentials"})
		s.both(req{at: 9, ip: "192.0.2.1", sent: present, status: 403, id: "y", fail: says(rules.InsufficientPermission, rules.MissingCredentials), want: "insufficient_permission"})
	},
}

// named is what a status of 401 beside a name says.
func named() rules.Verdict {
	return rules.Verdict{Cause: rules.BadCredentials, Confidence: 0.6, Tier: rules.TierStatus, Candidates: []rules.Candidate{{Cause: rules.BadCredentials, Weight: 0.6}, {Cause: rules.UnknownUser, Weight: 0.2}}}
}

func signal() rules.Verdict {
	v := says(rules.IDPUnreachable)
	v.Signal = rules.SignalDependency
	return v
}

func TestCases(t *testing.T) {
	for name, build := range cases {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			build(s)
			found, _ := observe(s.sorted(), Config{}, nil)
			s.check(found)
		})
	}
}

// TestEvidence holds what is said beside the cause.
func TestEvidence(t *testing.T) {
	skewed := func(s *scene, at float64, ip, app string) {
		s.both(req{at: at, ip: ip, sent: present, status: 401, id: fmt.Sprint("x", at), app: app, fail: says(rules.ClockSkew)})
	}
	for name, c := range map[string]struct {
		build func(s *scene)
		want  string
	}{
		"one client's clock": {func(s *scene) {
			s.traffic(0, 600, 200)
			for i := range 10 {
				skewed(s, 300+float64(i*7), "192.0.2.77", []string{"a", "b"}[i%2])
			}
		}, "this client alone"},
		"by how much": {func(s *scene) {
			for i := range 3 {
				s.both(req{at: float64(i * 10), ip: "192.0.2.1", sent: present, status: 401, lapse: -95 * time.Second, fail: says(rules.ClockSkew)})
			}
		}, "off by 1m35s"},
		"everybody's clock": {func(s *scene) {
			for i := range 20 {
				skewed(s, 300+float64(i*3), regular(i), "a")
			}
		}, "the clock of this server"},
		"root of a ban": {func(s *scene) {
			for i := range 8 {
				s.line(appLog, req{at: float64(i), ip: "192.0.2.1", kind: detectors.Login, status: 401, fail: says(rules.BadCredentials)})
			}
			s.line(appLog, req{at: 9, ip: "192.0.2.1", kind: detectors.Login, status: 429, fail: says(rules.RateLimitedOrBlocked)})
		}, "after 8 refusals of the same client, the last 2s before (bad_credentials)"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			c.build(s)
			found, _ := observe(s.sorted(), Config{}, nil)
			if last := found[len(found)-1]; !strings.Contains(last.Evidence, c.want) {
				t.Errorf("%s: %q, want %q in it", last.Cause, last.Evidence, c.want)
			}
		})
	}
}
