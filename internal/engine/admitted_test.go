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
		"login ok for kim":                                          true,
		"OK LOGIN: Client \"192.0.2.4\"":                            true,
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
