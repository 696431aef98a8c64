package httpfield_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/larder-go/larder/internal/httpfield"
)

type (
	item   = httpfield.Item
	member = httpfield.Member
	param  = httpfield.Param
	token  = httpfield.Token
)

func TestItem(t *testing.T) {
	for _, c := range []struct {
		text  string
		want  any // nil: refused
		write string
	}{
		{"42", int64(42), ""}, {"-0", int64(0), "0"}, {"  7 ", int64(7), "7"}, {"007", int64(7), "7"},
		{"999999999999999", int64(999999999999999), ""}, {"1000000000000000", nil, ""}, {"-", nil, ""}, {"--1", nil, ""}, {"+1", nil, ""}, {"- 1", nil, ""},
		{"1.5", httpfield.Decimal(1500), ""}, {"-0.125", httpfield.Decimal(-125), ""}, {"1.0", httpfield.Decimal(1000), ""}, {"1.50", httpfield.Decimal(1500), "1.5"},
		{"123456789012.1", httpfield.Decimal(123456789012100), ""}, {"1234567890123.1", nil, ""}, {"1.", nil, ""}, {".5", nil, ""}, {"1.2345", nil, ""}, {"1.2.3", nil, ""},
		{`"a b"`, "a b", ""}, {`"\"\\"`, `"\`, ""}, {`""`, "", ""}, {`"\a"`, nil, ""}, {`"a`, nil, ""}, {`"\`, nil, ""}, {"\"\xc3\xbc\"", nil, ""}, {"\"\t\"", nil, ""},
		{"foo/bar:*", token("foo/bar:*"), ""}, {"*a", token("*a"), ""}, {"a b", nil, ""}, {"!a", nil, ""},
		{":aGVsbG8=:", []byte("hello"), ""}, {":aGVsbG8:", []byte("hello"), ":aGVsbG8=:"}, {"::", []byte{}, ""}, {":aGVs", nil, ""}, {":a-_b:", nil, ""}, {":aG\nVs:", nil, ""}, {":aGVsb:", nil, ""},
		{"?1", true, ""}, {"?0", false, ""}, {"?", nil, ""}, {"?2", nil, ""}, {"?1a", nil, ""},
		{"@1659578233", time.Unix(1659578233, 0).UTC(), ""}, {"@-1", time.Unix(-1, 0).UTC(), ""}, {"@1.5", nil, ""}, {"@", nil, ""},
		{`%"gr%c3%bcn%22"`, httpfield.Display(`grün"`), ""}, {`%"%C3%bc"`, nil, ""}, {`%"%c3"`, nil, ""}, {`%"%c"`, nil, ""}, {`%"a`, nil, ""}, {`%a"`, nil, ""},
		{"", nil, ""}, {"\t1", nil, ""}, {"1, 2", nil, ""}, {"(1)", nil, ""},
	} {
		got, err := httpfield.ParseItem([]string{c.text})
		if c.want == nil {
			if !errors.Is(err, httpfield.ErrStructured) {
				t.Errorf("ParseItem(%q) = %#v, want it refused", c.text, got)
			}
			continue
		}
		if err != nil || !reflect.DeepEqual(got.Value, c.want) {
			t.Errorf("ParseItem(%q) = %#v, %v, want %#v", c.text, got.Value, err, c.want)
			continue
		}
		if c.write == "" {
			c.write = c.text
		}
		if b, err := httpfield.AppendItem(nil, got); err != nil || string(b) != c.write {
			t.Errorf("AppendItem(%#v) = %q, %v, want %q", got, b, err, c.write)
		}
	}
}

func TestItemParams(t *testing.T) {
	got, err := httpfield.ParseItem([]string{`a;b; c=1;*d="x";c=?0;e=?1`})
	want := item{token("a"), []param{{"b", true}, {"c", false}, {"*d", "x"}, {"e", true}}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Fatalf("%#v, %v", got, err)
	}
	b, err := httpfield.AppendItem(nil, got)
	if err != nil || string(b) != `a;b;c=?0;*d="x";e` {
		t.Errorf("%s, %v", b, err)
	}
	for _, bad := range []string{"a;", "a;B", "a;b=", "a ;b", "a;b =1", "a;b= 1"} {
		if got, err := httpfield.ParseItem([]string{bad}); err == nil {
			t.Errorf("ParseItem(%q) = %#v", bad, got)
		}
	}
}

func TestList(t *testing.T) {
	for _, c := range []struct{ lines, want string }{
		{"a;x,\tb , 3", "a;x, b, 3"},
		{"a\n(b c;y);z", "a, (b c;y);z"},
		{"()", "()"}, {"( a  b )", "(a b)"},
		{"", ""},
		{"a,", "!"}, {",a", "!"}, {"a,,b", "!"}, {"a\n\nb", "!"}, {"(a", "!"}, {"(a,b)", "!"}, {"((a))", "!"}, {`("a""b")`, "!"}, {"a b", "!"},
	} {
		list, err := httpfield.ParseList(strings.Split(c.lines, "\n"))
		got := "!"
		if err == nil {
			b, err := httpfield.AppendList(nil, list)
			if err != nil {
				t.Errorf("%q: %v", c.lines, err)
			}
			got = string(b)
		}
		if got != c.want {
			t.Errorf("list %q came back as %q, want %q", c.lines, got, c.want)
		}
	}
	if list, err := httpfield.ParseList(nil); err != nil || len(list) != 0 {
		t.Errorf("no lines: %v, %v", list, err)
	}
}

func TestDictionary(t *testing.T) {
	for _, c := range []struct{ lines, want string }{
		{"a=1, b;x=2, c=?0", "a=1, b;x=2, c=?0"},
		{"a=?1;x", "a;x"},
		{"a=1,b=2\na=3", "a=3, b=2"},
		{"a=(1 2);x", "a=(1 2);x"},
		{"max-age=600, public", "max-age=600, public"},
		{"", ""},
		{"A=1", "!"}, {"a=", "!"}, {"a =1", "!"}, {"a=1,", "!"}, {"1=a", "!"}, {"a=1 b=2", "!"},
	} {
		dict, err := httpfield.ParseDictionary(strings.Split(c.lines, "\n"))
		got := "!"
		if err == nil {
			b, err := httpfield.AppendDictionary(nil, dict)
			if err != nil {
				t.Errorf("%q: %v", c.lines, err)
			}
			got = string(b)
		}
		if got != c.want {
			t.Errorf("dictionary %q came back as %q, want %q", c.lines, got, c.want)
		}
	}
}

func TestStructuredRefusesToWrite(t *testing.T) {
	for _, v := range []any{int64(1e15), "ü", "\n", token(""), token("a b"), token("1"), httpfield.Decimal(1e15), httpfield.Display("\xff"), nil, 1.5, struct{}{}} {
		if b, err := httpfield.AppendItem(nil, item{Value: v}); !errors.Is(err, httpfield.ErrStructured) {
			t.Errorf("AppendItem(%#v) = %q, %v", v, b, err)
		}
	}
	if b, err := httpfield.AppendDictionary(nil, []member{{Key: "A", Value: true}}); err == nil {
		t.Errorf("key: %q", b)
	}
	if b, err := httpfield.AppendList(nil, []member{{Inner: []item{{Value: "ü"}}}}); err == nil {
		t.Errorf("inner: %q", b)
	}
}

// RFC 9211 §2 has such members.
func TestCacheStatus(t *testing.T) {
	line := `larder; hit; ttl=376; detail=` + string(httpfield.AppendString(nil, "a \"b\" ü"))
	list, err := httpfield.ParseList([]string{line})
	want := []member{{Value: token("larder"), Params: []param{{"hit", true}, {"ttl", int64(376)}, {"detail", `a "b" ?`}}}}
	if err != nil || !reflect.DeepEqual(list, want) {
		t.Errorf("%#v, %v", list, err)
	}
}
