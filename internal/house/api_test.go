package house_test

import (
	"bytes"
	"flag"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/api.txt anew")

const golden = "testdata/api.txt"

// TestExportedAPI compares what users can see with the list in testdata/api.txt, so that a change to it is seen in review.
// Intended changes: go test ./internal/house -run ExportedAPI -update
func TestExportedAPI(t *testing.T) {
	got := strings.Join(exported(t), "\n") + "\n"
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(golden)
	if err != nil {
		t.Fatalf("%v: make it with go test ./internal/house -run ExportedAPI -update", err)
	}
	was, is := strings.Split(string(data), "\n"), strings.Split(got, "\n")
	for _, line := range was {
		if !slices.Contains(is, line) {
			t.Errorf("gone: %s", line)
		}
	}
	for _, line := range is {
		if !slices.Contains(was, line) {
			t.Errorf("new:  %s", line)
		}
	}
	if t.Failed() {
		t.Log("if that is meant: go test ./internal/house -run ExportedAPI -update")
	}
}

// exported lists the declarations of every package that can be imported, one a line, on whatever system they are.
func exported(t *testing.T) []string {
	t.Helper()
	var lines []string
	for _, p := range list(t, module+"/...") {
		if p.Name == "main" || strings.Contains(p.ImportPath, "/internal/") || strings.Contains(p.ImportPath, "/examples/") {
			continue
		}
		name := p.name()
		if name == "" {
			name = "larder"
		}
		names, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(p.name()), "*.go"))
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: no files (%v)", name, err)
		}
		for _, file := range names {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range f.Decls {
				for _, line := range declared(d) {
					lines = append(lines, name+": "+line)
				}
			}
		}
	}
	slices.Sort(lines)
	lines = slices.Compact(lines)
	if len(lines) < 100 {
		t.Fatalf("only %d exported declarations seen", len(lines))
	}
	return lines
}

func declared(d ast.Decl) []string {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if !d.Name.IsExported() || d.Recv != nil && !ast.IsExported(receiver(d.Recv.List[0].Type)) {
			return nil
		}
		d.Doc, d.Body = nil, nil
		return []string{text(d)}
	case *ast.GenDecl:
		var lines []string
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.ValueSpec:
				lines = append(lines, values(d.Tok, s)...)
			case *ast.TypeSpec:
				if s.Name.IsExported() {
					lines = append(lines, typeLines(s)...)
				}
			}
		}
		return lines
	}
	return nil
}

// values lists constants with what their declaration says of type and value, variables with their type.
func values(tok token.Token, s *ast.ValueSpec) []string {
	var lines []string
	for i, n := range s.Names {
		if !n.IsExported() {
			continue
		}
		line := tok.String() + " " + n.Name
		if s.Type != nil {
			line += " " + text(s.Type)
		}
		if tok == token.CONST && i < len(s.Values) {
			line += " = " + text(s.Values[i])
		}
		lines = append(lines, line)
	}
	return lines
}

// typeLines lists a type, and its exported fields or its methods, each on a line of its own.
func typeLines(s *ast.TypeSpec) []string {
	head := "type " + s.Name.Name
	if s.TypeParams != nil {
		var params []string
		for _, p := range s.TypeParams.List {
			for _, n := range p.Names {
				params = append(params, n.Name+" "+text(p.Type))
			}
		}
		head += "[" + strings.Join(params, ", ") + "]"
	}
	var kind string
	var members *ast.FieldList
	switch t := s.Type.(type) {
	case *ast.StructType:
		kind, members = "struct", t.Fields
	case *ast.InterfaceType:
		kind, members = "interface", t.Methods
	default:
		if s.Assign.IsValid() {
			head += " ="
		}
		return []string{head + " " + text(s.Type)}
	}
	lines := []string{head + " " + kind}
	for _, m := range members.List {
		if len(m.Names) == 0 && ast.IsExported(receiver(m.Type)) {
			lines = append(lines, "type "+s.Name.Name+": "+text(m.Type))
		}
		for _, n := range m.Names {
			if !n.IsExported() {
				if kind == "interface" { // nobody else can implement it: that is part of the API
					lines = append(lines, "type "+s.Name.Name+": unexported methods")
				}
				continue
			}
			line := "type " + s.Name.Name + ": " + n.Name
			if kind == "interface" {
				line += strings.TrimPrefix(text(m.Type), "func")
			} else {
				line += " " + text(m.Type)
			}
			if m.Tag != nil {
				line += " " + m.Tag.Value
			}
			lines = append(lines, line)
		}
	}
	return lines
}

// receiver is the name of a type, without pointer, package and type arguments.
func receiver(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.IndexListExpr:
		return receiver(e.X)
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.Ident:
		return e.Name
	}
	return ""
}

// text is a node on one line.
func text(n ast.Node) string {
	var b bytes.Buffer
	if err := printer.Fprint(&b, token.NewFileSet(), n); err != nil {
		return err.Error()
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
