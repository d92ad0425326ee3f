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
		"Group <staff> User <kim> IP <192.0.2.4> AnyConnect parent session started.":      false, // no address was read
		"UI_AUTH_EVENT: Authenticated user 'kim' assigned to class 'admin'":               true,
		"AUTH=server, relay=host.example.org [192.0.2.4], authid=kim, mech=LOGIN, bits=0": true,
		"user kim authenticated as admin":                                                 true,
		"password check succeeded":                                                        true,
		"User login from an internal zone allowed":                                        true,
		"password of kim changed, success":                                                false,
		"password reset mail accepted by mx1":                                             false,
		"login failed for kim":                                                            false,
		"user kim is not logged in":                                                       false,
		"unsuccessful login of kim":                                                       false,
		"login of kim succeeded, but the account is locked":                               false,
		"login page shown to kim, book says it is ok":                                     false,
		"token of kim refreshed":                                                          false,
		"kim will be logged in when the session ends":                                     false,
		"pam_unix(cron:session): session started for user root":                           false,
		"authentication of kim failed after a successful handshake":                       false,
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
		`{"action":"login","client_ip":"192.0.2.4","user":{"username":"kim"},"event":"Created Event"}`:                    true,
		`{"action":"login_failed","client_ip":"192.0.2.4","user":{"username":"kim"},"event":"Created Event"}`:             false,
		`{"action":"login","client_ip":"192.0.2.4","user":"kim","msg":"login was refused"}`:                               false,
		`{"event":"login","ok":false,"client_ip":"192.0.2.4","user":"kim"}`:                                               false,
		`{"event":"login","result":"KO","client_ip":"192.0.2.4","user":"kim"}`:                                            false,
		`{"event":"login","mfa":false,"client_ip":"192.0.2.4","user":"kim"}`:                                              true,
		`{"type":"login","name":"x","src":"192.0.2.4","user":"kim"}`:                                                      true,
		`{"name":"login","src":"192.0.2.4","user":"kim","msg":"page shown"}`:                                              false,
		`{"params":{"action":"login"},"client_ip":"192.0.2.4","user":"kim"}`:                                              false,
		`{"kind":"a","events":[{"type":"login","name":"login_success"}],"ipAddress":"192.0.2.4","actor":{"email":"kim"}}`: true,
		`{"kind":"a","events":[{"type":"login","name":"login_failure"}],"ipAddress":"192.0.2.4","actor":{"email":"kim"}}`: false,
		`{"methodName":"google.login.LoginService.loginSuccess","callerIp":"192.0.2.4"}`:                                  true,
		`{"EVENT_TYPE":"Login","LOGIN_STATUS":"LOGIN_NO_ERROR","SOURCE_IP":"192.0.2.4"}`:                                  true,
		`{"EVENT_TYPE":"Login","LOGIN_STATUS":"LOGIN_ERROR_INVALID_PASSWORD","SOURCE_IP":"192.0.2.4"}`:                    false,
		`{"category":"success","type":"credentials_ok","client":{"ip_address":"192.0.2.4"}}`:                              true,
		`{"type":"s","user_name":"kim","ip":"192.0.2.4"}`:                                                                 true,
		`{"type":"s","unit":"seconds","ip":"192.0.2.4"}`:                                                                  false,
		`{"EventID":4624,"TargetUserName":"kim","IpAddress":"192.0.2.4"}`:                                                 true,
		`{"EventID":4634,"TargetUserName":"kim","IpAddress":"192.0.2.4"}`:                                                 false,
		`{"event":"auth.success","user":"kim"}`:                                                                           true,
		`{"event":"auth.unsuccessful","user":"kim"}`:                                                                      false,
		`{"event":"authorization_granted","user":"kim"}`:                                                                  false,
		`{"event":"login_attempt_ok","user":"kim"}`:                                                                       false,
		`{"action":"logout","client_ip":"192.0.2.4","user":"kim","msg":"session closed"}`:                                 false,
	} {
		b := parsers.Block{Source: &parsers.Source{Name: "-"}, Line: 1, Data: []byte(line + "\n")}
		parsers.NewReader(parsers.Options{}).Each(&b, func(r *parsers.Record) {
			if got := admits(r); got != want {
				t.Errorf("%s: %v", line, got)
			}
		})
	}
}
