//! The members that objects of PHP's own classes have.

use crate::language::StandardMembers;

/// What is never guessed by its name.
pub(super) const STANDARD: StandardMembers = StandardMembers { methods: METHODS, fields: &[] };

/// Methods of the classes that PHP brings: exceptions, iterators, collections, times, databases, documents, reflection,
/// closures, generators, files. Sorted; PHP does not tell `getName` and `getname` apart, but programs do.
#[rustfmt::skip]
const METHODS: &[&str] = &[
    "__invoke", "__toString", "add", "addAll", "addAttribute", "addChild", "addFile", "addFromString",
    "allowsNull", "append", "appendChild", "asXML", "asort", "attach", "attributes", "beginTransaction",
    "bind", "bindColumn", "bindParam", "bindTo", "bindValue", "bottom", "call", "children", "cloneNode",
    "close", "closeCursor", "columnCount", "commit", "compare", "contains", "count", "createAttribute",
    "createCDATASection", "createComment", "createDocumentFragment", "createElement", "createElementNS",
    "createTextNode", "current", "dequeue", "destroy", "detach", "diff", "enqueue", "eof", "errorCode",
    "errorInfo", "evaluate", "exchangeArray", "exec", "execute", "extract", "extractTo", "fetch", "fetchAll",
    "fetchColumn", "fetchObject", "fflush", "fgetcsv", "fgets", "flock", "format", "formatCurrency",
    "fpassthru", "fputcsv", "fread", "fseek", "fstat", "ftell", "ftruncate", "fwrite", "gc", "getATime",
    "getArguments", "getArrayCopy", "getAttribute", "getAttributes", "getBackingType", "getBasename",
    "getCTime", "getChildren", "getClass", "getClosure", "getCode", "getColumnMeta", "getConstant",
    "getConstants", "getConstructor", "getDateInterval", "getDeclaringClass", "getDefaultProperties",
    "getDefaultValue", "getDepth", "getDocComment", "getDocNamespaces", "getElementById",
    "getElementsByTagName", "getElementsByTagNameNS", "getEndDate", "getEndLine", "getErrorCode",
    "getErrorMessage", "getExtension", "getFile", "getFileInfo", "getFileName", "getFilename", "getFlags",
    "getFromIndex", "getFromName", "getGroup", "getHash", "getInfo", "getInnerIterator", "getInode",
    "getInterfaceNames", "getInterfaces", "getIterator", "getLine", "getLinkTarget", "getLocale",
    "getLocation", "getMTime", "getMessage", "getMethod", "getMethods", "getModifiers", "getName",
    "getNameIndex", "getNamespaceName", "getNamespaces", "getNumberOfParameters",
    "getNumberOfRequiredParameters", "getOffset", "getOwner", "getParameters", "getParentClass", "getPath",
    "getPathInfo", "getPathname", "getPattern", "getPerms", "getPosition", "getPrevious", "getProperties",
    "getProperty", "getRealPath", "getReflectionConstants", "getReturn", "getReturnType", "getSeverity",
    "getShortName", "getSize", "getStartDate", "getStartLine", "getStaticProperties",
    "getStaticPropertyValue", "getSubPath", "getSubPathname", "getTarget", "getTimestamp", "getTimezone",
    "getTrace", "getTraceAsString", "getTraitNames", "getTraits", "getTransitions", "getType", "getTypes",
    "getValue", "handle", "hasAttribute", "hasAttributes", "hasChildNodes", "hasChildren", "hasConstant",
    "hasMethod", "hasNext", "hasProperty", "hasReturnType", "hasType", "implementsInterface", "importNode",
    "inNamespace", "inTransaction", "insert", "insertBefore", "invoke", "invokeArgs", "isAbstract",
    "isAnonymous", "isArray", "isBuiltin", "isCallable", "isCloneable", "isConstructor",
    "isDefaultValueAvailable", "isDir", "isDot", "isEmpty", "isEnum", "isExecutable", "isFile", "isFinal",
    "isInitialized", "isInstance", "isInstantiable", "isInterface", "isInternal", "isLink", "isOptional",
    "isPassedByReference", "isPrivate", "isPromoted", "isProtected", "isPublic", "isReadOnly", "isReadable",
    "isSameNode", "isStatic", "isSubclassOf", "isTrait", "isUserDefined", "isVariadic", "isWritable", "item",
    "jsonSerialize", "key", "ksort", "lastInsertId", "load", "loadHTML", "loadHTMLFile", "loadXML",
    "locateName", "lookupNamespaceURI", "modify", "natsort", "newInstance", "newInstanceArgs",
    "newInstanceWithoutConstructor", "next", "nextRowset", "normalize", "offsetExists", "offsetGet",
    "offsetSet", "offsetUnset", "open", "openFile", "parse", "pop", "prepare", "push", "query", "quote",
    "read", "registerNamespace", "removeAll", "removeAttribute", "removeChild", "replaceChild", "reset",
    "rewind", "rollBack", "rowCount", "save", "saveHTML", "saveHTMLFile", "saveXML", "schemaValidate",
    "seek", "send", "serialize", "setAccessible", "setAttribute", "setCsvControl", "setDate", "setFetchMode",
    "setFlags", "setISODate", "setInfo", "setMaxDepth", "setPattern", "setSize", "setStaticPropertyValue",
    "setTime", "setTimestamp", "setTimezone", "setValue", "shift", "statIndex", "sub", "throw", "toArray",
    "top", "uasort", "uksort", "unserialize", "unshift", "valid", "validate", "write", "xpath",
];
