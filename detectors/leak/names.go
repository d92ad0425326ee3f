package leak

import "bytes"

// A class says what a field of some name holds.
type class uint8

const (
	noSecret   class = iota
	authHeader       // Authorization and its relatives: a scheme and a credential
	challenge        // WWW-Authenticate: what a server asks for
	cookies          // Cookie, Set-Cookie: several names and values
	cookie           // a session cookie by its own name
	apiKey
	token
	refresh
	secret // client_secret, a key that signs
	password
	otp
	authCode  // OAuth's code, RFC 6749 section 4.1.2
	signature // of a URL, a request, a MAC
	presigned // of a URL, by the name that only those have
	saml
	assertion
	ticket
	key    // "key" alone: API keys in query strings, and much else
	loose  // "auth", "code", "session": credentials only where the value says so
	nonces // what protocols make to be seen once

	hashed   // a hash of a password
	declared // a user's own name
)

// names are known names, folded, without separators.
var names = map[string]class{}

// suffixes are looked at when the whole name isn't known; the first wins.
var suffixes = []struct {
	text  string
	class class
}{
	{"csrftoken", nonces}, {"xsrftoken", nonces}, {"csrfmiddlewaretoken", nonces}, {"authenticitytoken", nonces}, {"verificationtoken", nonces}, {"pagetoken", nonces}, {"nexttoken", nonces},
	{"continuationtoken", nonces}, {"cursortoken", nonces}, {"synctoken", nonces}, {"correlationtoken", nonces}, {"trackingtoken", nonces}, {"paginationtoken", nonces}, {"devicetoken", nonces}, {"cancellationtoken", nonces}, {"pushtoken", nonces},
	{"idempotencytoken", nonces}, {"clientrequesttoken", nonces}, {"locktoken", nonces}, {"fencingtoken", nonces}, {"resumetoken", nonces}, {"unexpectedtoken", nonces}, {"endtoken", nonces}, {"starttoken", nonces},
	{"maxtoken", nonces}, {"skiptoken", nonces}, {"deltatoken", nonces}, {"lasttoken", nonces}, {"publickey", nonces}, {"publishablekey", nonces}, {"sitekey", nonces}, {"cookiesecret", secret}, {"sortkey", nonces}, {"partitionkey", nonces}, {"cachekey", nonces}, {"primarykey", nonces},
	{"foreignkey", nonces}, {"idempotencykey", nonces}, {"websocketkey", nonces}, {"websocketaccept", nonces}, {"tokenkey", nonces},
	{"refreshtoken", refresh}, {"authorization", authHeader}, {"authenticate", challenge}, {"password", password}, {"passwd", password}, {"passwort", password}, {"kennwort", password}, {"senha", password}, {"motdepasse", password}, {"contrasena", password}, {"passphrase", password}, {"passwordhash", hashed}, {"pwdhash", hashed}, {"passwdhash", hashed}, {"passhash", hashed}, {"passwordmd5", hashed}, {"passwordsha1", hashed}, {"passwordsha256", hashed}, {"passwordsha512", hashed}, {"passwordhashed", hashed},
	{"pwd", password}, {"passcode", otp}, {"setcookie", cookies}, {"setcookie2", cookies}, {"signature", signature},
	{"authpw", password}, {"bindpw", password}, {"secretkeybase", secret}, {"apikey", apiKey}, {"apikeys", apiKey}, {"passwords", password}, {"passwordconfirmation", password}, {"passwordconfirm", password}, {"passwordagain", password}, {"accesstokens", token}, {"accesskeyid", nonces}, {"keyid", nonces}, {"accesskey", secret}, {"secretkey", secret}, {"privatekey", secret}, {"signingkey", secret}, {"masterkey", secret}, {"encryptionkey", secret},
	{"accountkey", secret}, {"subscriptionkey", apiKey}, {"functionskey", apiKey}, {"authkey", apiKey}, {"appkey", apiKey}, {"licensekey", apiKey}, {"sharedkey", secret}, {"authorizationtoken", authHeader}, {"servicekey", apiKey}, {"devkey", apiKey}, {"adminkey", apiKey}, {"integrationkey", apiKey}, {"routingkey", nonces},
	{"secret", secret}, {"token", token}, {"jwt", token}, {"apitoken", apiKey}, {"credential", loose}, {"credentials", loose}, {"creds", loose}, {"sessionid", cookie}, {"otp", otp}, {"secrets", loose},
	{"sessid", cookie}, {"sessionkey", token}, {"registryauth", token}, {"authtok", token}, {"assertion", assertion}, {"mfacode", otp}, {"otpcode", otp}, {"smscode", otp}, {"totpcode", otp}, {"2facode", otp}, {"verificationcode", otp}, {"yourcode", otp}, {"accesscode", otp}, {"signincode", otp}, {"logincode", otp}, {"onetimecode", otp}, {"confirmationcode", otp}, {"resetcode", otp}, {"unsealkey", secret}, {"recoverykey", secret}, {"securestring", password}, {"psk", password}, {"presharedkey", password}, {"securitycode", otp}, {"backupcode", otp}, {"recoverycode", otp}, {"backupcodes", otp}, {"recoverycodes", otp}, {"authcode", authCode}, {"authorizationcode", authCode}, {"codeverifier", secret}, {"devicecode", token},
	{"session", loose}, {"authsession", cookie},
}

// nonceTokens are the suffixes of what protocols call a token that is no credential.
var (
	nonceTokens = map[string]bool{}
	nonceShapes shapes
)

// suffixesBy lists the suffixes by their last byte.
var suffixesBy [256][]uint8

func init() {
	for i := range suffixes {
		c := suffixes[i].text[len(suffixes[i].text)-1]
		suffixesBy[c] = append(suffixesBy[c], uint8(i))
		if suffixes[i].class == nonces && c == 'n' {
			nonceTokens[suffixes[i].text] = true
			nonceShapes.add(suffixes[i].text)
		}
	}
	put := func(c class, list string) {
		for w := range set(list, " ") {
			names[w] = c
		}
	}
	put(authHeader, "authorization authz proxyauthorization httpauthorization xauthorization xforwardedauthorization xoriginalauthorization xmsauthorizationauxiliary authorizationtoken authorizationheader authheader authorizationbearer bearer xendpointauthorization xserverlessauthorization")
	put(challenge, "wwwauthenticate proxyauthenticate xwwwauthenticate authenticationinfo xauthchallenge authenticate")
	put(cookies, "cookie setcookie cookies httpcookie requestcookie responsecookie")
	put(apiKey, "apikey xhoneycombteam xapikey apitoken xapitoken ocpapimsubscriptionkey xfunctionskey xgoogapikey xrapidapikey ddapikey ddapplicationkey xauthkey xaccesskey xsubscriptionkey xmashapekey xfastlykey fastlykey xapplicationkey xriottoken xshopifyaccesstoken sharedaccesskey subscriptionkey xserviceapikey xadminapikey xtypesenseapikey xmeiliapikey xalgoliaapikey xelasticapikey licensekey xmsfunctionskey")
	put(token, "token accesstoken idtoken idtokenhint authtoken xauthtoken xaccesstoken bearertoken xvaulttoken privatetoken jobtoken sessiontoken securitytoken xamzsecuritytoken awssessiontoken xforwardedaccesstoken xgithubtoken ghtoken "+
		"resetpasswordtoken passwordresettoken confirmationtoken invitationtoken invitetoken unlocktoken logintoken magictoken jwt idtokentoken xaccess tok oauthtoken webhooktoken bottoken xsubjecttoken xconsultoken xnomadtoken gitlabtoken deploytoken registrytoken usertoken servicetoken subjecttoken actortoken")
	put(refresh, "refreshtoken")
	put(secret, "secret clientsecret clientsecretvalue secretkey secretaccesskey awssecretaccesskey privatekey appsecret consumersecret signingsecret webhooksecret sharedsecret oauthtokensecret accountkey sharedaccesskey storagekey codeverifier clientassertion")
	put(password, "snmpservercommunity requirepass masterauth password passwd pass pwd passphrase pw userpassword newpassword oldpassword currentpassword passwordconfirmation confirmpassword dbpassword dbpass mysqlpwd pgpassword redisclipassword kennwort motdepasse contrasena senha wachtwoord adgangskode heslo salasana loginpassword adminpassword rootpassword bindpw rootpw bindpassword jpassword userpass userpwd identifiedby")
	put(otp, "usecode otp totp onetimepassword passcode mfacode otpcode smscode pin xotp xgithubotp onetimecode")
	put(authCode, "authcode authorizationcode")
	put(signature, "sig signature mac hmac response oauthsignature xsignature xhubsignature xhubsignature256 xamzncontent s xslacksignature xrequestsignature xmssignature stripesignature xpaysignature hubsignature256")
	put(presigned, "xamzsignature xgoogsignature")
	put(saml, "samlresponse samlassertion samlart")
	put(assertion, "assertion clientassertion")
	put(ticket, "ticket serviceticket")
	put(key, "key")
	put(loose, "resp auth code session sess sid codes xauth credential credentials cred creds xmsclientprincipal secretid xtoken userauth logintoken ticketid clienttoken")
	put(cookie, "jsessionid jsessionidsso phpsessid connectsid aspnetsessionid aspsessionid sessionid laravelsession aspnetcoresession aspnetcoreidentityapplication aspnetcorecookies aspxauth sessid rememberme rememberwebtoken usersession ghsess railssession appsession oauth2proxy forwardauth ltpatoken ltpatoken2 smsession iplanetdirectorypro fedauth estsauth estsauthpersistent estsauthlight melloncookie modauthopenidcsession saleorsession pveauthcookie phpmyadmin pmaauth roundcubesessid roundcubesessauth zbxsession zbxsessionid playsession moodlesession cisession ilikegitea giteaincredible shibsession sso ssotoken oryhydrasession orykratossession sbaccesstoken sbrefreshtoken cftoken nextauthsessiontoken securenextauthsessiontoken hostnextauthsessiontoken")
	put(noSecret, "tokentype granttype xauthrequestid authtype authscheme authmethod authmode tokencount tokenid tokens totaltokens prompttokens completiontokens maxtokens sessions authority authenticated authentication authenticationtype "+
		"signaturemethod signatureversion signaturealgorithm signedheaders credentialscope secretname secretpath secretversion secretref passwordpolicy passwordlength cookiename cookiepath cookiedomain cookiesecure cookiecount sessioncount sessiontimeout sessionstate sessionaffinity sessioncookie "+
		"apikeyname apikeylength clientidtoken oauthversion oauthtimestamp oauthnonce oauthconsumerkey oauthcallback oauthsignaturemethod oauthverifier tokenendpoint tokenurl authurl authurn authuri authenticityurl tokenfingerprint tokenhash tokenlength tokensource tokenexpiry tokenexpires etag signin signout userid clientid unexpectedtoken xsrftoken csrftoken csrfmiddlewaretoken requestverificationtoken nonce passwordexpired passwordchanged passwordless zipcode statuscode errorcode exitcode countrycode currencycode langcode responsecode httpcode keycode charcode qrcode postcode")
}

// classify returns the class of a name, which may be long: of a dotted path the
// last parts count.
func classify(name []byte) class {
	var buf [48]byte
	n := len(name)
	if n > 96 {
		return noSecret
	}
	full := foldName(buf[:0], name)
	if c, ok := names[string(full)]; ok {
		return c
	}
	if hasSuffix(full, "sonarlogin") { // sonar.login=TOKEN
		return apiKey
	}
	if i := lastDot(name); i > 0 && i+1 < len(name) && (string(name[i+1:]) == "value" || string(name[i+1:]) == "text") { // user.password.value
		return classify(name[:i])
	} else if i >= 0 && i+1 < len(name) {
		if c := classify(name[i+1:]); c == key && keySuffix(full) { // secret.key
			return secret
		} else if c != noSecret || !isAspNet(full) {
			return c
		}
	}
	if len(full) == 0 {
		return noSecret
	}
	for _, i := range suffixesBy[full[len(full)-1]] {
		if s := &suffixes[i]; hasSuffix(full, s.text) {
			return s.class
		}
	}
	if isDigit(name[n-1]) { // password2
		if c := classify(bytes.TrimRight(name, "-_0123456789")); c == password || c == token || c == secret || c == apiKey {
			return c
		}
	}
	if hasSuffix(full, "value") && n > len("value") { // passwordValue
		if c := classify(bytes.TrimRight(name[:n-len("value")], "-_.")); c >= apiKey && c <= password {
			return c
		}
	}
	switch {
	case endsInWord(name, "pass"), endsInWord(name, "pw"):
		return password
	case isAspNet(full), hasPrefix(full, "remember"), hasPrefix(name, "wordpress_logged_in_"), hasPrefix(name, "wordpress_sec_"), hasPrefix(name, "_shibsession_"), hasPrefix(full, "aspsessionid"), hasPrefix(full, "ssess"):
		return cookie
	case hasPrefix(full, "authorization"):
		return noSecret
	}
	return noSecret
}

// isAccessKey reports whether name ends in accesskey, and not in secretaccesskey.
func isAccessKey(name []byte) bool {
	var buf [48]byte
	full := foldName(buf[:0], name)
	return hasSuffix(full, "accesskey") && !hasSuffix(full, "secretaccesskey")
}

// keySuffix reports whether full says what kind of key it names, and the key is secret.
func keySuffix(full []byte) bool {
	for _, kind := range [...]string{"secretkey", "apikey", "accountkey", "privatekey", "signingkey", "encryptionkey", "authkey", "licensekey"} {
		if hasSuffix(full, kind) {
			return true
		}
	}
	return false
}

// endsInWord reports whether the last word of name is w: SMTP_PASS, dbPass, not bypass.
func endsInWord(name []byte, w string) bool {
	i := len(name) - len(w)
	if i < 2 || !foldedAt(name[i:], w) {
		return false
	}
	return name[i-1] == '_' || name[i-1] == '-' || name[i] < 'a' && name[i-1] >= 'a'
}

func isAspNet(full []byte) bool {
	return hasPrefix(full, "aspnetcore") && len(full) > 10 || hasPrefix(full, "aspxauth")
}

func lastDot(b []byte) int {
	for i := len(b) - 1; i >= 0; i-- {
		if b[i] == '.' {
			return i
		}
	}
	return -1
}

// folded has letters as small ones, digits, and 0 for the rest.
var folded = func() (t [256]byte) {
	for c := range 256 {
		if b := byte(c); isDigit(b) {
			t[c] = b
		} else if isAlpha(b) {
			t[c] = b | 0x20
		}
	}
	return t
}()

// foldName appends name in small letters without separators; past 48 letters it
// keeps the last ones.
func foldName(dst, name []byte) []byte {
	if len(name) > 48 {
		name = name[len(name)-48:]
	}
	for _, c := range name {
		if c = folded[c]; c != 0 {
			dst = append(dst, c)
		}
	}
	return dst
}

// schemes are the auth-schemes of the IANA registry (RFC 9110 section 16.4.1) and
// those that products made up; the value says how sure the word alone makes one.
var schemes = map[string]schemeKind{
	"bearer": tokenScheme, "basic": basicScheme, "token": vagueScheme, "digest": paramScheme, "negotiate": blobScheme, "ntlm": blobScheme, "hawk": paramScheme, "oauth": vagueScheme,
	"apikey": vagueScheme, "api-key": vagueScheme, "jwt": vagueScheme, "dpop": tokenScheme, "ssws": tokenScheme, "geniekey": tokenScheme, "splunk": tokenScheme, "aws4-hmac-sha256": paramScheme, "aws": vagueScheme,
	"hoba": paramScheme, "mutual": paramScheme, "vapid": paramScheme, "gnap": tokenScheme, "privatetoken": paramScheme, "scram-sha-256": paramScheme, "scram-sha-1": paramScheme, "signature": paramScheme, "zoho-oauthtoken": tokenScheme,
	"sharedkey": tokenScheme, "sharedaccesssignature": paramScheme, "sharedkeylite": tokenScheme, "token-sudo": paramScheme, "bot": vagueScheme, "googlelogin": paramScheme, "key": vagueScheme, "wsse": paramScheme, "usernametoken": paramScheme,
	"kerberos": blobScheme, "spnego": blobScheme, "access": vagueScheme, "session": vagueScheme, "auth": vagueScheme, "hmac": vagueScheme, "acs": vagueScheme, "mac": paramScheme, "klaviyo-api-key": tokenScheme, "discogs": paramScheme, "private-token": tokenScheme, "prefect": vagueScheme, "nd-hmac": vagueScheme, "ed25519": vagueScheme,
}

var schemeShapes = func() *shapes {
	var s shapes
	for w := range schemes {
		s.add(w)
	}
	return &s
}()

type schemeKind uint8

const (
	noScheme    schemeKind = iota
	tokenScheme            // one token follows
	basicScheme            // base64 of name:password follows
	paramScheme            // a list of name=value follows
	blobScheme             // base64 of a GSS-API or NTLM message follows
	vagueScheme            // a scheme in a header, a plain word elsewhere
)

// secretParams are the parameters of an Authorization value that prove or
// replace the secret.
var secretParams = set("response mac signature token oauth_token oauth_signature sig auth password access_token hash digest assertion key apikey api_key client_secret passworddigest result discogs_token t proof se", " ")
