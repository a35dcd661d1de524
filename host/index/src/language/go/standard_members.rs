//! The members that values of Go's own packages have.

use crate::language::StandardMembers;

/// What is never guessed by its name.
pub(super) const STANDARD: StandardMembers = StandardMembers { methods: METHODS, fields: FIELDS };

/// Methods of what programs hold of the standard library: errors, readers and writers, buffers, files, locks, contexts,
/// times, reflection, patterns, lists, tests, requests, what encodes and decodes, connections, templates, numbers. Sorted.
#[rustfmt::skip]
const METHODS: &[&str] = &[
    "Abs", "Accept", "Add", "AddCookie", "AddDate", "Addr", "After", "Align", "And", "Append",
    "AppendFormat", "AppendText", "Arg", "Args", "As", "AssignableTo", "Attrs", "Available",
    "AvailableBuffer", "Back", "Base", "BasicAuth", "Before", "Begin", "BeginTx", "Bit", "BitLen", "Bits",
    "BlockSize", "Bool", "BoolVar", "Broadcast", "Buffer", "Buffered", "Bytes", "Call", "CallSlice",
    "CanAddr", "CanConvert", "CanInterface", "CanSet", "Cap", "Cause", "ChanDir", "Chdir", "Chmod", "Chown",
    "Cleanup", "Clear", "Clock", "Clone", "Close", "CloseIdleConnections", "CloseNotify", "Cmp", "CmpAbs",
    "Columns", "CombinedOutput", "Commit", "Comparable", "Compare", "CompareAndDelete", "CompareAndSwap",
    "Complex", "Contains", "Context", "Convert", "ConvertibleTo", "Cookie", "Cookies", "Date", "Day",
    "Deadline", "Debug", "DebugContext", "Decode", "DecodeElement", "DecodeString", "DecodedLen",
    "DefinedTemplates", "Del", "Delete", "Delims", "Denom", "Dial", "DialContext", "DisallowUnknownFields",
    "Discard", "Div", "Do", "Done", "DurationVar", "Elem", "Enabled", "Encode", "EncodeElement",
    "EncodeToString", "EncodedLen", "End", "Environ", "Equal", "Err", "Error", "ErrorContext", "Errorf",
    "EscapedPath", "Exec", "ExecContext", "Execute", "ExecuteTemplate", "ExitCode", "Exited", "Exp",
    "ExpFloat64", "Expand", "ExpandString", "Fail", "FailNow", "Failed", "Fatal", "Fatalf", "Fatalln", "Fd",
    "Field", "FieldByIndex", "FieldByName", "File", "Filename", "Find", "FindAll", "FindAllIndex",
    "FindAllString", "FindAllStringIndex", "FindAllStringSubmatch", "FindAllStringSubmatchIndex",
    "FindAllSubmatch", "FindIndex", "FindString", "FindStringIndex", "FindStringSubmatch",
    "FindStringSubmatchIndex", "FindSubmatch", "FindSubmatchIndex", "Fix", "Flags", "Float", "Float32",
    "Float64", "Flush", "FormFile", "FormValue", "Format", "Front", "Funcs", "Fuzz", "GCD", "Get", "Glob",
    "Go", "GoString", "GobDecode", "GobEncode", "Grow", "Handle", "HandleFunc", "Handler", "Has", "Head",
    "Header", "Helper", "Hijack", "Hostname", "Hour", "Hours", "IP", "ISOWeek", "Implements", "In", "Indent",
    "Index", "Indirect", "Info", "InfoContext", "Init", "InputOffset", "InsertAfter", "InsertBefore", "Int",
    "Int31", "Int31n", "Int63", "Int63n", "Int64", "Int64N", "IntN", "IntVar", "Interface", "Intn", "Is",
    "IsAbs", "IsDir", "IsInt64", "IsLoopback", "IsNil", "IsPrivate", "IsRegular", "IsValid", "IsVariadic",
    "IsZero", "JoinPath", "Key", "Kill", "Kind", "LastInsertId", "Len", "Less", "Line", "Link",
    "ListenAndServe", "ListenAndServeTLS", "Load", "LoadAndDelete", "LoadOrStore", "Local", "LocalAddr",
    "Location", "Lock", "Log", "LogAttrs", "Logf", "Longest", "Lookup", "Loop", "Lsh", "MapIndex", "MapKeys",
    "MapRange", "MarshalBinary", "MarshalJSON", "MarshalText", "MarshalXML", "Mask", "Match", "MatchString",
    "Method", "MethodByName", "Microseconds", "Milliseconds", "Minute", "Minutes", "Mod", "ModInverse",
    "ModTime", "Mode", "Month", "More", "Move", "MoveToBack", "MoveToFront", "Mul", "N", "NArg", "NFlag",
    "Name", "Nanosecond", "Nanoseconds", "Neg", "Network", "New", "Next", "NextResultSet", "NormFloat64",
    "Not", "Num", "NumField", "NumIn", "NumMethod", "NumOut", "NumSubexp", "Offset", "Open", "Option", "Or",
    "Out", "Output", "Overflow", "OverflowFloat", "OverflowInt", "OverflowUint", "Panic", "Panicf",
    "Panicln", "Parallel", "Parse", "ParseForm", "ParseMultipartForm", "Parsed", "PathValue", "Peek", "Perm",
    "Pid", "Ping", "PingContext", "PkgPath", "Pointer", "Pop", "Port", "Pos", "Position", "Post", "PostForm",
    "PostFormValue", "Prefix", "Prepare", "PrepareContext", "Prev", "Print", "Printf", "Println", "Push",
    "PushBack", "PushFront", "Put", "Query", "QueryContext", "QueryRow", "QueryRowContext", "Quo", "RLock",
    "RLocker", "RUnlock", "Range", "Read", "ReadAll", "ReadAt", "ReadByte", "ReadBytes", "ReadDir",
    "ReadFile", "ReadFrom", "ReadLine", "ReadRune", "ReadSlice", "ReadString", "Readdir", "Readdirnames",
    "Recv", "Redacted", "Referer", "Release", "Rem", "RemoteAddr", "Remove", "Replace", "ReplaceAll",
    "ReplaceAllFunc", "ReplaceAllLiteral", "ReplaceAllLiteralString", "ReplaceAllString",
    "ReplaceAllStringFunc", "ReportAllocs", "ReportMetric", "RequestURI", "Reset", "ResetTimer",
    "ResolveReference", "Rollback", "Round", "RoundTrip", "RowsAffected", "Rsh", "Run", "RunParallel",
    "Scan", "Second", "Seconds", "Seed", "Seek", "Send", "Serve", "ServeHTTP", "Set", "SetBasicAuth",
    "SetBit", "SetBool", "SetBytes", "SetCap", "SetCookie", "SetDeadline", "SetEscapeHTML", "SetFlags",
    "SetFloat", "SetIndent", "SetInt", "SetInt64", "SetLen", "SetMapIndex", "SetOutput", "SetPrefix",
    "SetReadDeadline", "SetString", "SetUint", "SetUint64", "SetWriteDeadline", "Setenv", "Shuffle",
    "Shutdown", "Sign", "Signal", "Since", "Size", "Skip", "SkipNow", "Skipf", "Skipped", "Slice", "Split",
    "Sqrt", "Start", "StartTimer", "Stat", "StderrPipe", "StdinPipe", "StdoutPipe", "Stmt", "Stop",
    "StopTimer", "Store", "String", "StringVar", "Sub", "SubexpIndex", "SubexpNames", "Success", "Sum",
    "Sum32", "Sum64", "Swap", "Sync", "Sys", "TempDir", "Templates", "Temporary", "Text", "Timeout", "To16",
    "To4", "Token", "Truncate", "TryLock", "TryRLock", "Type", "UTC", "Uint", "Uint32", "Uint64", "Unix",
    "UnixMicro", "UnixMilli", "UnixNano", "Unlink", "Unlock", "UnmarshalBinary", "UnmarshalJSON",
    "UnmarshalText", "UnmarshalXML", "UnreadByte", "UnreadRune", "UnsafeAddr", "UnsafePointer", "Until",
    "Unwrap", "Usage", "UseNumber", "UserAgent", "Value", "Values", "Var", "Visit", "VisitAll", "Wait",
    "Warn", "WarnContext", "Weekday", "With", "WithContext", "WithGroup", "Write", "WriteAll", "WriteAt",
    "WriteByte", "WriteHeader", "WriteRune", "WriteString", "WriteTo", "Writer", "Year", "YearDay", "Zone",
];

/// Fields and properties of them. Sorted.
#[rustfmt::skip]
const FIELDS: &[&str] = &[
    "Args", "Body", "Close", "Code", "ContentLength", "Cookies", "Dir", "Env", "Err", "Fields", "Fn", "Form",
    "Func", "Header", "Host", "Key", "Line", "Method", "Mode", "Name", "Offset", "Op", "Path", "Pos",
    "PostForm", "Proto", "RawPath", "RawQuery", "Reader", "RemoteAddr", "Request", "RequestURI", "Response",
    "Scheme", "Status", "StatusCode", "Stderr", "Stdin", "Stdout", "TLS", "Timeout", "Trailer", "Transport",
    "Type", "URL", "User", "Value", "Writer", "X", "Y",
];
