package parsers

import "strings"

// A field is what a key of a structured entry can mean.
type field uint8

const (
	fNone field = iota
	fTime
	fClient
	fPort
	fUser
	fMethod
	fURL
	fHost // url.domain of a request, or the machine that wrote the entry
	fDomain
	fAgent
	fJA4 // fingerprints, in the order of their kinds
	fJA3N
	fJA3
	fHASSH
	fHTTPPrint
	fDevicePrint
	fTLSVersion // traits of which one is made
	fTLSCipher
	fLanguage
	fEncoding
	fHTTPVersion
	fOrigin
	fRequestID
	fTraceID
	fStatus
	fLevel
	fLogger
	fUpstream
	fService
	fLogFile // the log that a collector took the entry from
	fCode
	fErrorType
	fChallenge
	fScheme
	fOutcome
	fAuthorization // the header: whether credentials came
	fHasAuth       // a yes or no about them
	fRequestLine
	fForwarded
	fMessage
	fHeaders    // container of request headers
	fClean      // container that lends its members no meaning: data, fields, payload
	fRequest    // container of what a client asked
	fResponse   // container of what was answered
	fError      // container of what went wrong
	fUntrusted  // container of what a client wrote: query, body, cookies
	fTLS        // container of what a TLS handshake told
	fRespHeader // container of response headers
	numFields
)

// A meaning is what a key means, and how well it says so.
type meaning struct {
	field field
	rank  uint8 // of keys with one field the highest counts; of messages, the lowest comes first
	any   bool  // at any depth, whatever the objects around it are called
}

// The keys, in normal form: letters and digits in lower case, nothing else. A
// nested key is the names of its objects and its own, one after another, so that
// {"http":{"status_code":1}}, "http.status_code" and "httpStatusCode" are one. Of
// a field's keys the first mean it best; behind the bar they count at the top and
// in containers without a meaning only.
var keyLists = []struct {
	field field
	keys  string
}{
	{fTime, `time timestamp ts datetime eventtime published asctime requestreceivedtimestamp logtime timelocal timeiso8601
		startutc starttime startedat requesttimeepoch timemsec requesttime createddatetime timegenerated dateandtime timemillis instantepochsecond msec
		realtimetimestamp sourcerealtimetimestamp syslogtimestamp datetimeutc epoch unixtime receivedat activitydatetime eventcreated edgestarttimestamp creationtime isotimestamp
		timestampderived eventtimestamp eventdate eventdatetime timestamputc utctimestamp timecreated occurredat loggedat logdate recordedat generatedat | t date tdate
		datatime datadate createdat created when timestampms receivetimestamp startlocal stagetimestamp`},
	{fClient, `clientip clientipaddress clientaddress cip clientaddr requestclientip sourceip sourceipaddress sourceips srcip sourceaddress
		calleripaddress callerip ipaddress requestremoteip requestip remoteip remoteipaddress requestremoteaddress requestremoteaddr
		requestremote remoteaddr remoteaddress remotehost clienthost downstreamremoteaddress networkclientip httpclientip actorip userip
		originaddress realip xrealip identitysourceip ipaddr httpremoteaddr rhost oip rip peerip peeraddress httprequestremoteaddress clienthostname clientremoteaddr clientremoteaddress addrremote remip userip remoteendpoint clientendpoint idorigh accessdeviceip
		| ip remote client peer peeraddr source src addr address requestorip`},
	{fPort, `clientport remoteport sourceport requestremoteport srcport cport requestclientport ipport spt idorigp | port`},
	{fUser, `username saslusername setid usernameattempted attemptedusername userprincipalname targetusername remoteuser clientusername csusername login loginname
		userlogin actoralternateid accountname useremail preferredusername contextusername contextidentifier usrname uname usr principal
		principalname useridentityusername authdisplayname authusername authuser requestremoteuser requestuser paramsusername httpuser
		enduser authenticateduser userupn upn accesskey loginid samaccountname actoruser authsubject acct authenticationid accountemail accountusername actoremail useridentityprincipalid principalemail targetuseremail userid requestuserid enduserid usrid | user
		identifier account email identity subject sub uid actor userkey nickname`},
	{fMethod, `method requestmethod httpmethod requesthttpmethod csmethod clientrequestmethod httprequestmethod verb requestverb httpverb reqmethod`},
	{fURL, `requesturi requestrequesturi clientrequesturi originalurl originaluri urloriginal requesturl requestrequesturl httpurl uri url requestoriginalurl urlfull httptarget requesttarget
		requestpath path urlpath httppath csuristem uripath resourcepath fullpath apipath xenvoyoriginpath xenvoyoriginalpath | endpoint route pathinfo target location requestresource`},
	{fHost, `| host`},
	{fDomain, `requesthost clientrequesthost httphost httphostname urldomain vhost virtualhost servername authority requestauthority hostheader requestservername domainname requestdomain
		requestrequesthost httpservername cshost`},
	{fAgent, `useragent useragentoriginal clientrequestuseragent httpuseragent requestuseragent csuseragent requestheadersuseragent contextuseragent clientuseragentrawuseragent | ua agent browser`},
	{fJA4, `ja4 ja4hash ja4fingerprint tlsclientja4 tlsja4 clientja4 cfja4 httpcfja4 sslja4 httpsslja4 xja4 httpxja4 xja4fingerprint httpxja4fingerprint ja4tlsfingerprint
		requestja4 cloudfrontviewerja4fingerprint httpcloudfrontviewerja4fingerprint tlsja4fingerprint`},
	{fJA3N, `ja3n ja3nhash tlsclientja3n tlsja3n clientja3n`},
	{fJA3, `ja3hash ja3 ja3fingerprint ja3md5 ja3digest tlsclientja3 tlsclientja3hash tlsclientja3md5 tlsja3 tlsja3hash tlsja3md5 clientja3 clientja3hash cfja3hash httpcfja3hash cfja3
		sslja3hash httpsslja3hash sslja3 httpsslja3 xja3hash httpxja3hash xja3fingerprint httpxja3fingerprint xja3 httpxja3 requestja3 requestja3hash
		cloudfrontviewerja3fingerprint httpcloudfrontviewerja3fingerprint tlsja3fingerprint tlsfingerprint`},
	{fHASSH, `hassh hasshhash hasshfingerprint clienthassh sshhassh sshclienthassh sshclienthasshhash`},
	{fHTTPPrint, `http2fingerprint h2fingerprint ja4h akamaifingerprint akamaihttp2fingerprint headerorderhash headersorderhash headerorder`},
	{fDevicePrint, `devicefingerprint browserfingerprint clientfingerprint`},
	{fTLSVersion, `tlsversion sslprotocol tlsprotocol sslversion tlsversionprotocol tlsprotocolversion clientsslprotocol downstreamtlsversion securityprotocol tlsdownstreamversion`},
	{fTLSCipher, `tlscipher sslcipher tlsciphersuite sslciphersuite ciphersuite clientsslcipher downstreamtlscipher securitycipher tlsdownstreamcipher`},
	{fLanguage, `acceptlanguage httpacceptlanguage requestacceptlanguage requestheadersacceptlanguage`},
	{fEncoding, `acceptencoding httpacceptencoding requestacceptencoding requestheadersacceptencoding`},
	{fHTTPVersion, `httpversion serverprotocol httprequestversion requestproto requestprotocol clientrequestprotocol requestrequestprotocol protocolversion tlsproto`},
	{fOrigin, `httporigin requestorigin requestheadersorigin origin httpreferer httpreferrer referer referrer requestreferer requestreferrer csreferer
		httprequestreferrer`},
	{fRequestID, `requestid httprequestid requestuuid requestrequestid xrequestid requestxrequestid requestxcorrelationid reqid requestreqid requestcontextrequestid awsrequestid correlationid xcorrelationid
		contextcorrelationid auditid transactionid cfray rayid trackingreference requesttrackingid rid kongrequestid | opid`},
	{fTraceID, `traceid oteltraceid ddtraceid xb3traceid contexttraceid logginggoogleapiscomtrace xtraceid transactiontraceid xamzntraceid xraytraceid traceparent httptraceparent
		requesttraceparent requestheaderstraceparent | trace`},
	{fStatus, `status statuscode httpstatus httpstatuscode responsestatus responsestatuscode requeststatus responsecode httpresponsestatuscode httpresponsecode requeststatuscode
		scstatus edgeresponsestatus elbstatuscode downstreamstatus apistatuscode httpcode httprequeststatus responsehttpstatus responsecodesent contextstatus errorstatus errorstatuscode errorhttpstatus
		backendresponsecode originstatus | code resultstatus`},
	{fLevel, `level loglevel severity levelname lvl severitytext logseverity levelstr priority errorlevel | l`},
	{fLogger, `logger loggername logname sourcecontext categoryname category component module eventsource channel appname | name program
		service caller subsystem system middlewarename`},
	{fUpstream, `upstreamaddr upstreamaddress upstreamhost serveraddr podname pod kubernetespodname kubernetespod hostname hosthostname replica instance
		instanceid backendserver serveraddress serviceaddr machinename nodename computer | upstream node server machine container backend`},
	{fLogFile, `logfilepath`},
	{fService, `containername kubernetescontainername syslogidentifier servicename`},
	{fCode, `errorcode errorerrorcode errcode statuserrorcode contextstatuserrorcode resulttype errormessageid resultcode errorerrors reasonid eventtype eventaction apierrorcode lasterrorcode
		responseflags responseflag metricname subcode statuscodename | type action eventid eventname errorid apikeystate`},
	{fErrorType, `errortype exceptiontype exceptionclass exceptionname errorname errorclass errorkind exceptionexceptionclass errtype`},
	{fChallenge, `wwwauthenticate sentwwwauthenticate responseheaderswwwauthenticate upstreamhttpwwwauthenticate senthttpwwwauthenticate proxyauthenticate`},
	{fScheme, `authscheme authorizationscheme authenticationscheme requestauthscheme authtype authenticationtype credentialscheme | auth`},
	{fOutcome, `outcome eventoutcome outcomeresult success successful issuccess isrequestsuccess allow allowed granted loginresult authresult auditresult authenticationresult consolelogin userauthentication | result`},
	{fAuthorization, `authorization httpauthorization requestheadersauthorization requestauthorization authorizationheader proxyauthorization authheader`},
	{fHasAuth, `hasauthorization hasauth authpresent authorizationpresent hascredentials hastoken tokenpresent authheaderpresent authorizationheaderpresent`},
	{fForwarded, `xforwardedfor httpxforwardedfor requestxforwardedfor requestheadersxforwardedfor csxforwardedfor forwardedfor forwarded httpforwarded
		trueclientip cfconnectingip httpcfconnectingip xoriginalforwardedfor`},
	{fRequestLine, `request requestline httprequestline httprequest`},
}

// messageLists are the keys of the server's own words, in the order in which they
// are joined.
var messageLists = []string{
	`message msg messagetext logmessage renderedmessage shortmessage textpayload log line raw m mt event text logrecord formattedmessage body annotationsmessage summary alertmessage`,
	`error err exception exc errormessage errormsg errmsg errmessage exceptionmessage errorerror errorerrormessage errordescription errorerrordescription errorstring authenticationerror
		errorcause rootcause cause authorizererror errorresponsetype responsetype errorresponsemessage integrationerrormessage errorinfo lasterrormessage lasterrorreason
		lasterrorsource apierror errors errorerrors authorizerrorstring jwterror tokenerror autherror`,
	`reason failurereason statusfailurereason errorreason outcomereason denyreason denialreason statusreason responsestatusreason responsestatusmessage responsecodedetail
		responsecodedetails statusdetails resultdescription allowwhyfalse denywhytrue statusadditionaldetails reasonphrase statusmessage resultreason authfailurereason proxystatus loginstatus why`,
	`detail details description explanation info hint errordetail errordetails errordebug debug errorhint additionaldetails securityresult status_details messages messagesmessage`,
	`stack stacktrace errorstack errorstacktrace exceptionstacktrace trace exceptionstack exceptions x fullmessage`,
}

var containerLists = []struct {
	field field
	keys  string
}{
	{fClean, `data properties fields attributes context ctx payload jsonpayload protopayload extra meta record records resource source log logevent mdc contextmap nginx access
		params detail info labels attr additionalfields state logattributes resourceattributes message msg events entries structureddata custom value hits request_context identity requestcontext`},
	{fRequest, `request req httprequest httpreq http_request apirequest requestinfo`},
	{fResponse, `response res resp httpresponse`},
	{fError, `error err exception lasterror errorinfo errordata`},
	{fHeaders, `headers requestheaders reqheaders httpheaders httprequestheaders header requestheader`},
	{fRespHeader, `responseheaders respheaders resheaders upstreamheaders responseheader`},
	{fUntrusted, `query queryparams querystring cookies requestcookies args form requestbody requestquery requestparams requestparameters parameters requestargs requestquerystring querystringparameters`},
	{fTLS, `tls requesttls`},
}

// The hash of a key in normal form; it goes on where the hash of the object
// around it ended.
const (
	hashSeed  uint64 = 0x9e3779b97f4a7c15
	hashPrime uint64 = 0x100000001b3
)

// normal maps the bytes of a key to its normal form; 0 is left out.
var normal = func() (t [256]byte) {
	for c := 'a'; c <= 'z'; c++ {
		t[c], t[c-'a'+'A'] = byte(c), byte(c)
	}
	for c := '0'; c <= '9'; c++ {
		t[c] = byte(c)
	}
	for c := 0x80; c < 0x100; c++ {
		t[c] = byte(c)
	}
	return t
}()

func hashKey(h uint64, key []byte) uint64 {
	for _, c := range key {
		if n := normal[c]; n != 0 {
			h = (h ^ uint64(n)) * hashPrime
		}
	}
	return h
}

// A keyTable finds meanings by hash: open addressing, never more than a third full.
type keyTable struct {
	hash [4096]uint64
	what [4096]meaning
}

func (t *keyTable) find(h uint64) (m meaning) {
	for i := slot(h); ; i = (i + 1) & 4095 {
		switch t.hash[i] {
		case h:
			return t.what[i]
		case 0:
			return m
		}
	}
}

func slot(h uint64) uint64 { return (h ^ h>>29) & 4095 }

func (t *keyTable) add(key string, m meaning) {
	h := hashKey(hashSeed, []byte(key))
	for i := slot(h); ; i = (i + 1) & 4095 {
		if t.hash[i] == h {
			return // the first list that holds a key decides
		}
		if t.hash[i] == 0 {
			t.hash[i], t.what[i] = h, m
			return
		}
	}
}

var keyMeanings, containerMeanings = func() (keys, containers *keyTable) {
	keys, containers = new(keyTable), new(keyTable)
	for _, list := range keyLists {
		rank, any := uint8(250), true
		for _, key := range strings.Fields(list.keys) {
			if key == "|" {
				any = false
				continue
			}
			keys.add(key, meaning{list.field, rank, any})
			if strings.HasPrefix(key, "request") {
				keys.add("http"+key, meaning{list.field, rank, any})
			}
			rank--
		}
	}
	for rank, list := range messageLists {
		for _, key := range strings.Fields(list) {
			keys.add(key, meaning{fMessage, uint8(rank), true})
		}
	}
	for _, list := range containerLists {
		for _, key := range strings.Fields(list.keys) {
			containers.add(key, meaning{list.field, 0, true})
		}
	}
	return keys, containers
}()

// guessMessage reports whether a key that is in no list names the server's words
// by its ending: "oauthError", "login_failure_reason".
func guessMessage(key []byte) bool {
	n := len(key)
	if n < 6 {
		return false
	}
	switch key[n-1] | 0x20 {
	case 'r':
		return hasSuffixFold(key, "error")
	case 'n':
		return hasSuffixFold(key, "reason") || hasSuffixFold(key, "exception") || hasSuffixFold(key, "description")
	case 'e':
		return hasSuffixFold(key, "message") || hasSuffixFold(key, "failure") || hasSuffixFold(key, "cause")
	case 'g':
		return hasSuffixFold(key, "errormsg") || hasSuffixFold(key, "error_msg") || hasSuffixFold(key, "err_msg")
	}
	return false
}

func hasSuffixFold(b []byte, suffix string) bool {
	if len(b) < len(suffix) {
		return false
	}
	b = b[len(b)-len(suffix):]
	for i := range b {
		if b[i]|0x20 != suffix[i]|0x20 {
			return false
		}
	}
	return true
}
