package rules

import "testing"

// Programs that let nobody in are known by how their entries are made; each stands
// before an entry of the same words that says that somebody was refused.
func TestAside(t *testing.T) {
	for innocent, refusal := range map[string]string{
		`auth/check.go:31:7: undefined: ErrTokenExpired`:                         `check.go:31: token expired`,
		`src/login.ts(8,3): error TS2304: Cannot find name 'InvalidPassword'.`:   `login.ts: error: invalid password`,
		`app/gate.py:12: error: "session expired" is no literal  [misc]`:         `2024-05-01 10:00:00 ERROR gate: session expired`,
		`✓ refuses an expired token (3 ms)`:                                      `refused an expired token`,
		`rejects a token with an invalid signature`:                              `rejected a token with an invalid signature`,
		`Passed Shop.Tests.Refuses_Invalid_Audience [2 ms]`:                      `Failed password for kim from 192.0.2.4 port 4000 ssh2`,
		`TASK [Tell users that access is denied after 5 attempts] ***`:           `ERROR task: access denied after 5 attempts`,
		`fix(auth): access denied for users without a role`:                      `auth: access denied for users without a role`,
		`zsh: permission denied: ./build`:                                        `ssh: permission denied (publickey)`,
		`touch: cannot touch '/srv/token': Permission denied`:                    `kim: Permission denied`,
		`ALTER TABLE users ADD COLUMN invalid_token_count int`:                   `ERROR export of orders failed: invalid token`,
		`type=AVC msg=audit(1714557600.000:9): avc:  denied  { read } for pid=7`: `acl: denied read for user kim`,
		`INFO LOG:  SELECT id FROM denied_users WHERE reason = 'unknown user'`:   `WARN SELECT command denied to user 'kim'@'192.0.2.4' for table 'orders'`,
		`ERROR table access_denied_log is full`:                                  `ERROR table: access denied for user kim`,
		`INFO Running shop.auth.InvalidTokenTest`:                                `WARN auth: InvalidToken`,
		`WARN flag "token_expired" has no default, unused variable`:              `WARN error "token_expired"`,
		`ERROR batch.load_failed_logins did not start`:                           `ERROR too many failed logins`,
		`WARN tokenizer: unknown token 712`:                                      `WARN api: unknown token`,
		`WARN delivery: receipt has an invalid signature`:                        `WARN jwt has an invalid signature`,
		`ERROR migration: session table missing, token column unknown`:           `ERROR session missing, login again`,
		`INFO decode of frame 7: invalid token in video stream`:                  `INFO invalid token of client 7`,
	} {
		if v := verdict(t, innocent); v.Cause != None {
			t.Errorf("%s by %s:\n\t%s", v.Cause, v.Rule, innocent)
		}
		if v := verdict(t, refusal); v.Cause == None {
			t.Errorf("none:\n\t%s", refusal)
		}
	}
}

// Words of another trade, names, titles, counts and what is over are no refusals;
// each stands before an entry of nearly the same words that is one.
func TestOtherTrades(t *testing.T) {
	for innocent, refusal := range map[string]string{
		`INFO intake: request to see the doctor denied, deductible open`: `INFO intake: request denied, token expired`,
		`WARN cart: coupon refused, signature of the cheque is wrong`:    `WARN cart: webhook refused, signature is wrong`,
		`WARN lexer: unknown token in expression`:                        `WARN api: unknown token in request of client 7`,
		`ERROR class "Shop\Auth\AccessToken" not found`:                  `ERROR access token not found`,
		`ERROR login page failed to render`:                              `ERROR login failed`,
		`WARN report 'denied requests by day' took 40 s`:                 `WARN report failed: 'access denied'`,
		`INFO 12 tokens expired over night`:                              `WARN token expired`,
		`INFO access token expired, refreshed in 20 ms`:                  `INFO access token expired`,
		`INFO old token rejected, switched to the next one`:              `INFO old token rejected`,
		`INFO users without a second factor are rejected from May on`:    `INFO user without a second factor rejected`,
		`INFO rule set loaded, scope of it unknown`:                      `INFO unknown token`,
		`WARN no translation for "auth.account_locked"`:                  `WARN auth.account_locked`,
		`ERROR unknown key 'tiemout' in line 7`:                          `ERROR jwt: unknown key`,
		`ERROR i18n: key login.title missing`:                            `ERROR api key missing`,
		`ERROR invalid value for session.timeout: 'x'`:                   `ERROR invalid session`,
		`ERROR chown /srv/login: operation not permitted`:                `ERROR kim: operation not permitted`,
		`[RESOLVED] login failed too often`:                              `login failed too often`,
	} {
		if v := verdict(t, innocent); v.Cause != None {
			t.Errorf("%s by %s:\n\t%s", v.Cause, v.Rule, innocent)
		}
		if v := verdict(t, refusal); v.Cause == None {
			t.Errorf("none:\n\t%s", refusal)
		}
	}
}
