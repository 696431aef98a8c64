package session_test

import (
	"bytes"

	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/larder-go/larder"
	"github.com/larder-go/larder/auth"
	"github.com/larder-go/larder/codec"
	"github.com/larder-go/larder/secret"
	"github.com/larder-go/larder/session"
	"github.com/larder-go/larder/store/memstore"
)

var testKey = []byte("0123456789abcdef0123456789abcdef")

func TestLoginOutlivesTheProcess(t *testing.T) {
	site := newSite(t)
	s := site.login(t, "sharat")
	if got := text(t, s, "/whoami"); got != "You are sharat" {
		t.Fatalf("this process: %s", got)
	}
	if got := text(t, site.session(t, nil), "/whoami"); got != "You are a guest" {
		t.Fatalf("a new session: %s", got)
	}
	for form, save := range map[string]func(file string) error{
		"json":   func(f string) error { return marshalled(f, s.MarshalJSON) },
		"binary": func(f string) error { return marshalled(f, s.MarshalBinary) },
		"gob": func(f string) error {
			var b bytes.Buffer
			err := gob.NewEncoder(&b).Encode(s)
			return errors.Join(err, os.WriteFile(f, b.Bytes(), 0o600))
		},
		"plain":  func(f string) error { return s.SaveFile(f, session.Plain) },
		"sealed": func(f string) error { return s.SaveFile(f, session.Sealed(testKey)) },
	} {
		t.Run(form, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "me.session")
			if err := save(file); err != nil {
				t.Fatal(err)
			}
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), "SESSION_TEST_OPEN="+file, "SESSION_TEST_FORM="+form)
			out, err := cmd.CombinedOutput()
			if err != nil || string(out) != "You are sharat" {
				t.Errorf("another process says %s (%v)", out, err)
			}
			if fi, err := os.Stat(file); err != nil || fi.Mode().Perm() != 0o600 {
				t.Errorf("mode %v, %v", fi.Mode(), err)
			}
		})
	}
}

func marshalled(file string, marshal func() ([]byte, error)) error {
	data, err := marshal()
	return errors.Join(err, os.WriteFile(file, data, 0o600))
}

func TestStateComesBack(t *testing.T) {
	site := newSite(t)
	s := site.session(t, func(o *session.Options) {
		o.Headers = http.Header{"x-api-key": {"k1"}, "Accept-Language": {"de", "en"}, "X-Latin": {"\xe9"}}
		o.Params = map[string][]string{"page": {"1"}, "b": {"x", "y"}}
		o.MoreAuth = []auth.Credential{auth.For("https://b.example", auth.Bearer("t"))}
		o.Timeout = 1500001
	})
	want := s.State()
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var st session.State
	if err := json.Unmarshal(data, &st); err != nil {
		t.Fatal(err)
	}
	same(t, want, st)
	if data, err = want.MarshalBinary(); err != nil {
		t.Fatal(err)
	}
	if err := st.UnmarshalBinary(data); err != nil {
		t.Fatal(err)
	}
	same(t, want, st)
	again := made(t)(session.Restore(st, nil))
	same(t, want, again.State())
}

func same(t *testing.T, a, b session.State) {
	t.Helper()
	x, err := a.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	y, err := b.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(x, y) {
		t.Errorf("differ:\n%s\n%s", x, y)
	}
}

func TestSecretsGoToTheirOriginOnly(t *testing.T) {
	site := newSite(t)
	s := site.login(t, "sharat")
	key := site.session(t, func(o *session.Options) { o.Headers = http.Header{"X-Api-Key": {"k1"}} })
	for _, c := range []struct {
		name   string
		s      *session.Session
		target string
		opts   []session.RequestOption
		secret string
		sent   bool
	}{
		{"basic at home", s, "/headers", nil, "Authorization=Basic", true},
		{"basic elsewhere", s, site.otherOrigin() + "/headers", nil, "Authorization=Basic", false},
		{"basic over a redirect", s, "/to?url=" + site.otherOrigin() + "/headers", nil, "Authorization=Basic", false},
		{"cookies at home", s, "/headers", nil, "name=sharat", true},
		{"cookies elsewhere", s, site.otherOrigin() + "/headers", nil, "name=sharat", false},
		{"API key at home", key, "/headers", nil, "X-Api-Key=k1", true},
		{"API key elsewhere", key, site.otherOrigin() + "/headers", nil, "X-Api-Key=k1", false},
		{"API key over a redirect", key, "/to?url=" + site.otherOrigin() + "/headers", nil, "X-Api-Key=k1", false},
		{"a caller's key over a redirect", s, "/to?url=" + site.otherOrigin() + "/headers", []session.RequestOption{session.Header("X-Api-Key", "k2")}, "X-Api-Key=k2", false},
		{"a caller's key over a redirect at home", s, "/to?url=/headers", []session.RequestOption{session.Header("X-Api-Key", "k2")}, "X-Api-Key=k2", true},
		{"a caller's credential over a redirect", s, "/to?url=" + site.otherOrigin() + "/headers", []session.RequestOption{session.Auth(auth.Bearer("b2"))}, "Bearer b2", false},
		{"a caller's credential beats the session's", s, "/headers", []session.RequestOption{session.Auth(auth.Bearer("b2"))}, "Bearer b2", true},
	} {
		if got := text(t, c.s, c.target, c.opts...); strings.Contains(got, c.secret) != c.sent {
			t.Errorf("%s: sent %v, want %v:\n%s", c.name, !c.sent, c.sent, got)
		}
	}
}

func TestParamsAndHeadersMerge(t *testing.T) {
	site := newSite(t)
	s := site.session(t, func(o *session.Options) {
		o.Params = map[string][]string{"a": {"1"}, "b": {"2"}}
		o.Headers = http.Header{"Accept-Language": {"de"}}
	})
	got := text(t, s, "/headers?b=3", session.Header("Accept-Language", "en"))
	if !strings.Contains(got, "query=b=3&a=1\n") || !strings.Contains(got, "Accept-Language=en\n") {
		t.Error(got)
	}
}

func TestNewRefuses(t *testing.T) {
	for want, o := range map[string]*session.Options{
		"needs an origin: set BaseURL, or use auth.For": {Auth: auth.Basic("user", "p4ss")},
		"X-Api-Key is a secret":                         {Headers: http.Header{"X-Api-Key": {"p4ss"}}},
		"token is a secret":                             {Params: map[string][]string{"token": {"p4ss"}}},
		"want http://… or https://…":                    {BaseURL: "example.com"},
		"it holds a user":                               {BaseURL: "http://u:p4ss@example.com"},
		"a line break":                                  {Headers: http.Header{"A": {"p4ss\r\nX: y"}}},
		"a Transport of one's own":                      {SkipVerify: true, Transport: http.DefaultTransport},
	} {
		_, err := session.New(o)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "p4ss") {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if _, err := session.New(&session.Options{Auth: auth.For("https://a.example", auth.Bearer("t"))}); err != nil {
		t.Error(err)
	}
}

func TestSealedFiles(t *testing.T) {
	dir := t.TempDir()
	s := made(t)(session.New(&session.Options{BaseURL: "https://a.example", Auth: auth.Basic("user", "p4ss")}))
	sealed, plain := filepath.Join(dir, "sealed"), filepath.Join(dir, "plain")
	if err := errors.Join(s.SaveFile(sealed, session.Sealed(testKey)), s.SaveFile(plain, session.Plain)); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(sealed)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(data, []byte("p4ss")) || bytes.Contains(data, []byte("a.example")) {
		t.Error("a sealed file shows what it holds")
	}
	open := func(data []byte, seal session.Seal) error {
		file := filepath.Join(dir, "other")
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := session.OpenFile(file, seal, nil)
		return err
	}
	clear, err := os.ReadFile(plain)
	if err != nil {
		t.Fatal(err)
	}
	newer := bytes.Replace(clear, []byte(`"larder": 1`), []byte(`"larder": 9`), 1)
	otherKey := []byte("ffffffffffffffffffffffffffffffff")
	for name, c := range map[string]struct {
		got, want error
	}{
		"wrong key":           {open(data, session.Sealed(otherKey)), codec.ErrKey},
		"sealed as plain":     {open(data, session.Plain), session.ErrSealed},
		"plain as sealed":     {open(clear, session.Sealed(testKey)), session.ErrNotSealed},
		"no seal":             {open(clear, session.Seal{}), session.ErrNoSeal},
		"newer":               {open(newer, session.Plain), codec.ErrVersion},
		"newer seal":          {open(bytes.Replace(data, []byte("session 1"), []byte("session 2"), 1), session.Sealed(testKey)), codec.ErrVersion},
		"cut":                 {open(clear[:len(clear)-20], session.Plain), codec.ErrCorrupt},
		"empty":               {open(nil, session.Plain), codec.ErrCorrupt},
		"something else":      {open([]byte("hello"), session.Sealed(testKey)), codec.ErrCorrupt},
		"its end cut cleanly": {open([]byte(`{"id":"x","verify":true}`), session.Plain), codec.ErrCorrupt},
	} {
		if !errors.Is(c.got, c.want) {
			t.Errorf("%s: got %v, want %v", name, c.got, c.want)
		}
		if c.got != nil && strings.Contains(c.got.Error(), "p4ss") {
			t.Errorf("%s: the error shows the password", name)
		}
	}
	for i := range data {
		flipped := bytes.Clone(data)
		flipped[i] ^= 1
		if open(flipped, session.Sealed(testKey)) == nil {
			t.Fatalf("byte %d changed, and it opens", i)
		}
	}
	for i := range data {
		if open(data[:i], session.Sealed(testKey)) == nil {
			t.Fatalf("cut to %d bytes, and it opens", i)
		}
	}
}

func TestHandEditedFiles(t *testing.T) {
	for edit, want := range map[string]string{
		"{\n\"verify\": \"yes\",\n\"larder\": 1}":                   "line 2: verify: want true or false, got a string",
		"{\n\"verify\": true,\n\"cokies\": [],\n\"larder\": 1}":     "line 3: cokies: unknown field; did you mean cookies?",
		"{\"verify\": true,\n\"auth\": {\"user\":1},\"larder\": 1}": "line 2: auth: want a list, got an object",
		"{\"verify\": true\n\"larder\": 1}":                         "line 2, column 1: want ',' or '}'",
	} {
		var st session.State
		err := st.UnmarshalJSON([]byte(edit))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestVerifyNeedsPermission(t *testing.T) {
	s := made(t)(session.New(&session.Options{BaseURL: "https://a.example", SkipVerify: true}))
	data, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	err = json.Unmarshal(data, new(session.Session))
	if err == nil || !strings.Contains(err.Error(), "Restore") {
		t.Errorf("got %v, want an error that names Restore", err)
	}
	made(t)(session.Restore(s.State(), &session.Options{AllowSkipVerify: true}))
}

func TestSecretsPrintNowhere(t *testing.T) {
	s := made(t)(session.New(&session.Options{
		BaseURL: "https://a.example", Auth: auth.Basic("user", "p4ss"),
		Headers: http.Header{"X-Api-Key": {"p4ss"}}, Params: map[string][]string{"api_key": {"p4ss"}},
	}))
	s.Jar().SetCookies(mustURL(t, "https://a.example/"), []*http.Cookie{{Name: "sid", Value: "p4ss"}})
	st := s.State()
	type open struct {
		St session.State
		P  *session.State
		S  *session.Session
	}
	type hidden struct {
		st session.State
		p  *session.State
		s  *session.Session
		k  session.Seal
		c  []any
	}
	for _, v := range []any{s, st, &st, open{st, &st, s}, &open{st, &st, s}, hidden{st, &st, s, session.Sealed([]byte("p4ssp4ssp4ssp4ss")), []any{st, s}}, st.Auth, st.Cookies, st.Headers, st.Redacted(), []any{st}, map[string]any{"a": st}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			got := fmt.Sprintf(verb, v)
			if strings.Contains(got, "p4ss") || strings.Contains(got, "70347373") || strings.Contains(got, "cDRzcw") {
				t.Errorf("%s of %T prints %s", verb, v, got)
			}
		}
	}
	var log bytes.Buffer
	for _, h := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
		slog.New(h).Info("x", "s", s, "st", st, "p", &st, "a", st.Auth, "r", st.Redacted(), "c", st.Cookies)
		slog.New(h).Info("x", "in", hidden{st: st, s: s})
	}
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "in", open{st, &st, s})
	if strings.Contains(log.String(), "p4ss") {
		t.Error(log.String())
	}
	redacted, err := json.Marshal(st.Redacted())
	if err != nil || bytes.Contains(redacted, []byte("p4ss")) || !bytes.Contains(redacted, []byte(secret.Redacted)) {
		t.Errorf("%s %v", redacted, err)
	}
	// The one exception, as State's comment says: a JSON logger that is given a struct with a State saves it.
	log.Reset()
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "in", open{St: st})
	if !strings.Contains(log.String(), "p4ss") {
		t.Error("the documented exception is none: change the comment")
	}
}

func TestMarshalWhileRequestsRun(t *testing.T) {
	site := newSite(t)
	s := site.login(t, "sharat")
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 20 {
				switch i % 4 {
				case 0, 1:
					if got := text(t, s, "/whoami"); got != "You are sharat" {
						t.Error(got)
					}
				case 2:
					if _, err := json.Marshal(s); err != nil {
						t.Error(err)
					}
				case 3:
					var other session.Session
					data, err := s.MarshalBinary()
					if err == nil {
						err = other.UnmarshalBinary(data)
					}
					if err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
}

func TestSessionsShareNothingPrivate(t *testing.T) {
	site := newSite(t)
	cache, err := larder.New(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer cache.Close()
	const page = "/whoami?cc=max-age=60"
	login := func(name string) *session.Session {
		s := site.session(t, func(o *session.Options) { o.Cache = cache })
		if name != "" {
			resp, err := s.Post(t.Context(), "/login", session.Form("name", name))
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
		}
		return s
	}
	a, b, guest := login("a"), login("b"), login("")
	for range 2 {
		for s, want := range map[*session.Session]string{a: "You are a", b: "You are b", guest: "You are a guest"} {
			if got := text(t, s, page); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
	}
	before := site.requests.Load()
	reopened := made(t)(session.Restore(a.State(), &session.Options{Cache: cache}))
	if got := text(t, reopened, page); got != "You are a" || site.requests.Load() != before {
		t.Errorf("a reopened session got %q with %d requests", got, site.requests.Load()-before)
	}
	if err := a.ClearCookies(); err != nil {
		t.Fatal(err)
	}
	if got := text(t, a, page); got != "You are a guest" {
		t.Errorf("after a logout: %q", got)
	}
}

// TestLoginChangesTheIdentity: what the cache was told before a login is not given after it, also where the session had cookies
// before; nor is another session's under a scope that the program names.
func TestLoginChangesTheIdentity(t *testing.T) {
	site := newSite(t)
	cache, err := larder.New(nil, &larder.Options{Terms: larder.Terms{Scope: "program"}})
	if err != nil {
		t.Fatal(err)
	}
	defer cache.Close()
	const page = "/whoami?cc=max-age=60"
	for _, name := range []string{"ann", "bob"} {
		s := site.session(t, func(o *session.Options) { o.Cache = cache })
		s.Jar().SetCookies(mustURL(t, site.URL+"/"), []*http.Cookie{{Name: "visitor", Value: "1"}})
		if got := text(t, s, page); got != "You are a guest" {
			t.Errorf("before: %q", got)
		}
		was := s.State().ID
		resp, err := s.Post(t.Context(), "/login", session.Form("name", name))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if s.State().ID == was {
			t.Error("the login left the identity as it was")
		}
		if got := text(t, s, page); got != "You are "+name {
			t.Errorf("after the login: %q", got)
		}
	}
}

func TestStores(t *testing.T) {
	site := newSite(t)
	st := memstore.New(nil)
	if err := site.login(t, "sharat").Save(t.Context(), st, "Me & mine", session.Sealed(testKey)); err != nil {
		t.Fatal(err)
	}
	s := made(t)(session.Load(t.Context(), st, "Me & mine", session.Sealed(testKey), nil))
	if got := text(t, s, "/whoami"); got != "You are sharat" {
		t.Error(got)
	}
	if _, err := session.Load(t.Context(), st, "other", session.Plain, nil); err == nil {
		t.Error("a session that was never saved loads")
	}
}

func TestResponses(t *testing.T) {
	site := newSite(t)
	s := site.session(t, nil)
	resp, err := s.Get(t.Context(), "/status?token=p4ss")
	if err != nil {
		t.Fatal(err)
	}
	var se *session.StatusError
	if err := resp.Err(); !errors.As(err, &se) || se.StatusCode != http.StatusTeapot || len(se.Body) != 1024 || strings.Contains(err.Error(), "p4ss") {
		t.Errorf("got %v", resp.Err())
	}
	if resp.Elapsed <= 0 {
		t.Error("no time elapsed")
	}
	if _, err := s.Get(t.Context(), "http://127.0.0.1:1/?token=p4ss"); err == nil || strings.Contains(err.Error(), "p4ss") {
		t.Errorf("got %v", err)
	}
	var zero session.Session
	if _, err := zero.Get(t.Context(), "/"); !errors.Is(err, session.ErrUnmade) {
		t.Errorf("a zero session says %v", err)
	}
	if _, err := zero.Client().Get(site.URL); !errors.Is(err, session.ErrUnmade) {
		t.Errorf("a zero session's client says %v", err)
	}
}

func TestText(t *testing.T) {
	for _, c := range []struct{ contentType, body, want string }{
		{"text/plain", "grüß", "grüß"},
		{"text/plain; charset=iso-8859-1", "gr\xfc\xdf", "grüß"},
		{"text/plain; charset=utf-8", "\xef\xbb\xbfa", "a"},
		{"text/plain; charset=iso-8859-1", "\xef\xbb\xbfgrüß", "grüß"},
		{"text/plain", "\xff\xfea\x00", "a"},
		{"text/html", "<meta charset=windows-1251>\xcf", "<meta charset=windows-1251>П"},
		{"text/html", "<p>grüß", "<p>grüß"},
		{"text/plain", "<meta charset=windows-1251>é", "<meta charset=windows-1251>é"},
		{"application/json", "\xff", "\ufffd"},
		{"", "", ""},
	} {
		r := &session.Response{Response: &http.Response{
			Header: http.Header{"Content-Type": {c.contentType}}, Body: io.NopCloser(strings.NewReader(c.body)),
		}}
		if got, err := r.Text(); got != c.want || err != nil {
			t.Errorf("%s %q: got %q, %v", c.contentType, c.body, got, err)
		}
		if b, err := r.Bytes(); string(b) != c.body || err != nil {
			t.Errorf("%q: the bytes are %q, %v", c.body, b, err)
		}
	}
}
