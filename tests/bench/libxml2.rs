//! The system's libxml2, opened at run time: what most programs that validate XML use.
#![allow(unsafe_code)]

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::path::Path;

unsafe extern "C" {
    fn dlopen(file: *const c_char, flags: c_int) -> *mut c_void;
    fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;
}

type Pointer = *mut c_void;
type NewContext = unsafe extern "C" fn() -> Pointer;
type ParseDtd = unsafe extern "C" fn(*const c_char, *const c_char) -> Pointer;
type ReadMemory = unsafe extern "C" fn(Pointer, *const c_char, c_int, *const c_char, *const c_char, c_int) -> Pointer;
type ValidateDtd = unsafe extern "C" fn(Pointer, Pointer, Pointer) -> c_int;
type FreeDoc = unsafe extern "C" fn(Pointer);

/// A grammar that is loaded, and contexts that are used again for every document.
pub struct Libxml2 {
    pub version: String,
    read_memory: ReadMemory,
    validate_dtd: ValidateDtd,
    free_doc: FreeDoc,
    parser: Pointer,
    validator: Pointer,
    dtd: Pointer,
}

impl Libxml2 {
    /// Opens the library and loads a grammar; `None` where there is no library.
    pub fn open(dtd: &Path) -> Option<Libxml2> {
        const RTLD_NOW: c_int = 2;
        // SAFETY: the library's documented functions are called by their documented types, from one thread.
        unsafe {
            let library = dlopen(c"libxml2.so.2".as_ptr(), RTLD_NOW);
            if library.is_null() {
                return None;
            }
            let function = |name: &CStr| {
                let function = dlsym(library, name.as_ptr());
                assert!(!function.is_null(), "libxml2 has no {name:?}");
                function
            };
            let parse_dtd: ParseDtd = std::mem::transmute(function(c"xmlParseDTD"));
            let new_parser: NewContext = std::mem::transmute(function(c"xmlNewParserCtxt"));
            let new_validator: NewContext = std::mem::transmute(function(c"xmlNewValidCtxt"));
            let version = *function(c"xmlParserVersion").cast::<*const c_char>();
            let file = CString::new(dtd.to_str()?).ok()?;
            let dtd = parse_dtd(std::ptr::null(), file.as_ptr());
            assert!(!dtd.is_null(), "libxml2 does not read the grammar");
            Some(Libxml2 {
                version: CStr::from_ptr(version).to_string_lossy().into_owned(),
                read_memory: std::mem::transmute::<Pointer, ReadMemory>(function(c"xmlCtxtReadMemory")),
                validate_dtd: std::mem::transmute::<Pointer, ValidateDtd>(function(c"xmlValidateDtd")),
                free_doc: std::mem::transmute::<Pointer, FreeDoc>(function(c"xmlFreeDoc")),
                parser: new_parser(),
                validator: new_validator(),
                dtd,
            })
        }
    }

    /// Reads a document into a tree and holds it against the grammar.
    pub fn is_valid(&self, text: &str) -> bool {
        /// No network, no messages, no limits on size.
        const OPTIONS: c_int = 1 << 11 | 1 << 5 | 1 << 6 | 1 << 19;
        let length = c_int::try_from(text.len()).unwrap();
        let none = std::ptr::null();
        // SAFETY: as above; the text outlives the call, and the tree is freed once.
        unsafe {
            let document = (self.read_memory)(self.parser, text.as_ptr().cast(), length, none, none, OPTIONS);
            if document.is_null() {
                return false;
            }
            let valid = (self.validate_dtd)(self.validator, document, self.dtd);
            (self.free_doc)(document);
            valid == 1
        }
    }
}
