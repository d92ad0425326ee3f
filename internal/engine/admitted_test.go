package engine

import (
	"testing"

	"why401/parsers"
)

func TestAdmits(t *testing.T) {
	for words, want := range map[string]bool{
		"login succeeded for kim from 192.0.2.4":                true,
		"Login for kim from 192.0.2.4 succeeded":                true,
		"User kim logged in; remote address: 192.0.2.4":         true,
		"connection authorized: user=kim database=shop":         true,
		"%SEC_LOGIN-5-LOGIN_SUCCESS: Login Success [user: kim]": true,
		"authenticated for user 'kim'. auth profile 'p'":        true,
		"Successful login for user 'kim' from: 192.0.2.4":       true,
		"login ok for kim":               true,
		"OK LOGIN: Client \"192.0.2.4\"": true,
		"4F1A2: client=host.example.org[192.0.2.4], sasl_method=PLAIN, sasl_username=kim": true,
		"cmd=Auth; account=kim@example.net; protocol=soap;":                               true,
		"cmd=Auth; account=kim@example.net; protocol=soap; error=invalid password":        false,
		"[kim] Peer Connection Initiated with [AF_INET]192.0.2.4:40210":                   true,
		"Auth|Auth-Success ip 192.0.2.4 username 'kim'":                                   true,
		"login failed for kim":                                      false,
		"user kim is not logged in":                                 false,
		"unsuccessful login of kim":                                 false,
		"login of kim succeeded, but the account is locked":         false,
		"login page shown to kim, book says it is ok":               false,
		"token of kim refreshed":                                    false,
		"kim will be logged in when the session ends":               false,
		"pam_unix(cron:session): session started for user root":     false,
		"authentication of kim failed after a successful handshake": false,
	} {
		r := parsers.Record{User: []byte("kim"), Message: []byte(words)}
		if got := admits(&r); got != want {
			t.Errorf("%s: %v", words, got)
		}
		r.Status = 200
		if admits(&r) {
			t.Errorf("%s: a status says it", words)
		}
	}
}

// TestLoginEvents holds kinds of events that say by themselves that somebody got in.
func TestLoginEvents(t *testing.T) {
	for line, want := range map[string]bool{
		`{"action":"login","client_ip":"192.0.2.4","user":{"username":"kim"},"event":"Created Event"}`:        true,
		`{"action":"login_failed","client_ip":"192.0.2.4","user":{"username":"kim"},"event":"Created Event"}`: false,
		`{"action":"login","client_ip":"192.0.2.4","user":"kim","msg":"login was refused"}`:                   false,
		`{"event":"login","ok":false,"client_ip":"192.0.2.4","user":"kim"}`:                                   false,
		`{"event":"login","result":"KO","client_ip":"192.0.2.4","user":"kim"}`:                                false,
		`{"event":"login","mfa":false,"client_ip":"192.0.2.4","user":"kim"}`:                                  true,
		`{"action":"logout","client_ip":"192.0.2.4","user":"kim","msg":"session closed"}`:                     false,
	} {
		b := parsers.Block{Source: &parsers.Source{Name: "-"}, Line: 1, Data: []byte(line + "\n")}
		parsers.NewReader(parsers.Options{}).Each(&b, func(r *parsers.Record) {
			if got := admits(r); got != want {
				t.Errorf("%s: %v", line, got)
			}
		})
	}
}
