# Der Katalog und die Seiten eines Besuchs, auf Deutsch. Ein Schlüssel auf -text gehört zum Titel davor.

## Um jede Seite
skip = Zum Inhalt springen
keys-title = Tasten
keys-search = Suchen
keys-move = Nächster und voriger Eintrag einer Liste; danach auch die Pfeile
keys-open = Eintrag öffnen
keys-leave = Feld verlassen, diese Liste schließen
keys-list = Diese Liste
keys-close = Schließen
copy = { $text } kopieren
copied = Kopiert.
copy-refused = Das Kopieren wurde nicht erlaubt.
faults-title = Bitte prüfen Sie das noch einmal.
paging-label = Seiten der Liste
paging-none = Nichts vorhanden.
paging-range = { $first } bis { $last } von { $total }
paging-previous = Vorige Seite
paging-next = Nächste Seite

ago-seconds = vor { $count } s
ago-minutes = vor { $count } min
ago-hours = vor { $count } h
ago-days = { $count ->
    [one] vor { $count } Tag
   *[other] vor { $count } Tagen
}
in-seconds = in { $count } s
in-minutes = in { $count } min
in-hours = in { $count } h
in-days = { $count ->
    [one] in { $count } Tag
   *[other] in { $count } Tagen
}

## Preise und Einheiten
price-each = je Stück
price-per-unit = / { $unit }
price-per-pieces = / { $quantity }
price-per-units = / { $quantity } { $unit }
price-makes-each = { $sign } { $amount } je Stück
price-makes-per-unit = { $sign } { $amount } / { $unit }
price-on-request = Preis auf Anfrage
unit-holds = { $unit } mit { $quantity }
unit-EA = Stück
unit-PR = Paar
unit-DZN = Dutzend
unit-CEN = Hundert
unit-GRO = Gros
unit-MIL = Tausend
unit-SET = Satz
unit-KT = Bausatz
unit-BX = Schachtel
unit-CS = Kiste
unit-CT = Karton
unit-PK = Packung
unit-PA = Päckchen
unit-BG = Beutel
unit-BE = Bündel
unit-BO = Flasche
unit-CA = Dose
unit-DR = Fass
unit-PL = Eimer
unit-JR = Glas
unit-TU = Tube
unit-RO = Rolle
unit-RL = Haspel
unit-SO = Spule
unit-ST = Bogen
unit-PX = Palette
unit-MMT = Millimeter
unit-CMT = Zentimeter
unit-MTR = Meter
unit-KMT = Kilometer
unit-INH = Zoll
unit-FOT = Fuß
unit-YRD = Yard
unit-MTK = Quadratmeter
unit-INK = Quadratzoll
unit-FTK = Quadratfuß
unit-YDK = Quadratyard
unit-MLT = Milliliter
unit-LTR = Liter
unit-MTQ = Kubikmeter
unit-FTQ = Kubikfuß
unit-GLL = Gallone (US)
unit-GLI = Gallone (UK)
unit-QT = Quart (US)
unit-PT = Pint (US)
unit-OZA = Flüssigunze (US)
unit-MGM = Milligramm
unit-GRM = Gramm
unit-KGM = Kilogramm
unit-TNE = Tonne
unit-ONZ = Unze
unit-LBR = Pfund (US)
unit-SEC = Sekunde
unit-MIN = Minute
unit-HUR = Stunde
unit-DAY = Tag
unit-WEE = Woche
unit-MON = Monat
unit-ANN = Jahr
unit-KWH = Kilowattstunde
unit-LS = Pauschale
unit-E48 = Leistungseinheit
unit-E51 = Auftrag
unit-ACT = Tätigkeit

## Bestand
stock-here = Auf Lager
stock-here-from = Auf Lager in { $from }
stock-ships = Auf Lager, Versand am { $day }
stock-ships-from = Auf Lager, Versand am { $day } aus { $from }
stock-quantity = { $quantity } auf Lager
stock-quantity-from = { $quantity } auf Lager in { $from }
stock-quantity-ships = { $quantity } auf Lager, Versand am { $day }
stock-quantity-ships-from = { $quantity } auf Lager, Versand am { $day } aus { $from }
stock-part-by = { $quantity } auf Lager, der Rest bis { $day }
stock-part = { $quantity } auf Lager, der Rest später
stock-none-by = Nicht auf Lager, erwartet bis { $day }
stock-none = Nicht auf Lager
stock-unknown = Verfügbarkeit auf Anfrage

## Der Rahmen des Katalogs
test-band = TESTVERBINDUNG: Was hier bestellt wird, wird nicht geliefert
search-label = Katalog durchsuchen
search-hint = Name oder Artikelnummer
search-button = Suchen
cart-lines-label = Warenkorb, Positionen:
return-cart = Zurückgeben
visit-label = Dieser Besuch
visit-line = Einkauf für <strong>{ $buyer }</strong>, über { $via }, bis { $until }
leave-without = Zurück ohne Artikel
leave-inspect = Zurück zu { $via }
theme-switch = Zwischen hell und dunkel wechseln
keys-show = Tasten zeigen
language-label = Sprache
inspect-title = Sie sehen einen Warenkorb, der schon zurückgegeben wurde.
inspect-title-text = In diesem Besuch lässt sich nichts ändern. Öffnen Sie ihn dafür in { $via } zum Bearbeiten.
added = In den Warenkorb gelegt
added-text = Kaufen Sie weiter ein, oder öffnen Sie den Warenkorb, um ihn zurückzugeben.

## Startseite
home-title = Katalog
home-count = { $count ->
    [one] { $count } Artikel zu den Konditionen von { $buyer }
   *[other] { $count } Artikel zu den Konditionen von { $buyer }
}
home-empty = Hier gibt es noch nichts zu kaufen.
home-empty-text = Im Vertrag von { $buyer } ist kein Artikel. Gehen Sie ohne Artikel zurück, und fragen Sie Ihren Kontakt bei { $brand }.
products-count = { $count ->
    [one] { $count } Artikel
   *[other] { $count } Artikel
}

## Warengruppen und Suche
crumbs-label = Wo Sie sind
below-label = Untergruppen
category-empty = Kein Artikel dieser Warengruppe ist in Ihrem Vertrag.
category-empty-text = Sehen Sie in einer anderen Warengruppe nach, oder suchen Sie oben nach einem Namen oder einer Artikelnummer.
search-title = Suche
search-title-for = Suche: { $query }
search-results = Ergebnisse für „{ $query }“
search-found = { $count ->
    [one] { $count } Treffer
   *[other] { $count } Treffer
}
search-categories = Passende Warengruppen
search-start = Was suchen Sie?
search-start-text = Geben Sie oben einen Namen, unsere Artikelnummer, die des Herstellers oder Ihre eigene ein.
search-nothing = Nichts in Ihrem Vertrag passt zu diesen Wörtern.
search-nothing-text = Versuchen Sie es mit weniger Wörtern oder einer Artikelnummer ohne Leerzeichen, oder blättern Sie im <a href="{ $home }">Katalog</a>.
narrow-label = Eingrenzen
chosen-label = Ihre Auswahl
chosen-remove = { $name } { $value } entfernen
chosen-clear = Alles entfernen
view-label = Form der Liste
view-list = Liste
view-grid = Raster
order-label = Reihenfolge der Liste
order-fit = Beste Treffer
order-name = Nach Namen
value-yes = Ja
value-no = Nein
narrowed-empty = Mit dieser Auswahl bleibt nichts übrig.
narrowed-empty-text = Entfernen Sie oben etwas davon.
search-instead = Nichts heißt „{ $typed }“; das sind Ergebnisse für „{ $used }“.
search-unknown = Nichts in Ihrem Vertrag hat das Wort „{ $word }“.
search-unknown-text = Sehen Sie nach, wie es geschrieben wird, lassen Sie es weg, oder blättern Sie im <a href="{ $home }">Katalog</a>.
search-apart = Nichts in Ihrem Vertrag hat alle diese Wörter.
search-apart-text = Jedes für sich findet etwas:
results-beyond = Nur die ersten { $count } lassen sich durchblättern; grenzen Sie die Liste ein, um die anderen zu sehen.
search-preparing = Die Suche wird vorbereitet.
search-preparing-text = In einer Minute ist sie da; laden Sie die Seite dann neu.

## Artikel
number-ours = Unsere Nummer
number-yours = Ihre Nummer
manufacturer = Hersteller
number-makers = Herstellernummer
number-gtin = GTIN
documents-title = Dokumente
substitutes-title = Stattdessen zu haben
related-title = Passt dazu
related-accessory = Zubehör
related-spare = Ersatzteil
related-ratio = { $ratio } davon ersetzen eins.
related-cheaper = { $percent } % günstiger.
related-dearer = { $percent } % teurer.
related-same-price = Zum gleichen Preis.
related-pack = Verkauft als { $unit } statt { $other }.
related-maker = Von { $maker } statt von { $other }.
related-attribute = { $name }: { $value } statt { $other }.
breaks-price = Preis / { $unit }
price-until = Dieser Preis gilt, soweit bekannt, bis { $day }.
attributes-title = Merkmale
price-side = Preis und Verfügbarkeit
price-title = Preis
unit-label = Einheit
price-missing-text = Dieser Artikel hat in Ihrem Vertrag keinen Preis. Fragen Sie Ihren Kontakt bei { $brand } danach.
add-to-cart = In den Warenkorb
add-short = Hinzufügen
add-product = Hinzufügen: { $product }
quantity-less = Weniger von { $product }
quantity-more = Mehr von { $product }
quantity-of = Menge von { $product }
least-and-steps = Mindestens { $least }, in Schritten von { $step }
steps-of = In Schritten von { $step }
in-cart = { $quantity } im Warenkorb
in-cart-long = Davon sind { $quantity } in Ihrem Warenkorb. <a href="{ $cart }">Warenkorb öffnen</a>
breaks-title = Preis nach Menge
breaks-from = Ab
why-title = Warum dieser Preis
why-steps = Jeder Schritt
warehouses-title = Verfügbarkeit je Lager
warehouse = Lager
availability = Verfügbarkeit
why-agreement = Der Preis stammt aus Ihrer Vereinbarung { $list }.
why-account = Der Preis stammt aus Ihrem Vertrag { $list }.
why-inherited = Der Preis stammt aus dem Vertrag { $list } des Hauptkontos Ihres Unternehmens.
why-group = Der Preis stammt aus der Liste { $list } Ihrer Kundengruppe.
why-promotion = Es ist der Preis der Aktion { $list }.
why-default = Der Preis stammt aus der allgemeinen Liste { $list }.
why-list-price = Es ist der Listenpreis; kein Vertrag hat einen anderen.
why-none = Es gibt keinen Preis; er wird auf Anfrage genannt.
why-from = Er gilt ab { $quantity } { $unit }, Stand { $day }.
why-day = Es ist der Preis vom { $day }.
step-list-price = Listenpreis
step-not-priced = kein Eintrag, und dann auch kein Preis
step-not-for-this = übergangen: für andere Adressen, oder in der Bestellung zu nennen
step-exceeded = übergangen: nur noch { $left } übrig
step-rule = Regel { $position }: { $price } ab { $least }
step-agreement = Position { $line }: { $price } für { $per } { $unit }
step-promotion = stattdessen { $price }
step-below = ab { $least }; im Warenkorb sind { $quantity }
step-not-lower = { $price } wäre nicht niedriger
step-currency = übergangen: andere Währung
step-not-valid = übergangen: gilt an diesem Tag nicht
step-no-entry = kein Eintrag für diesen Artikel und diese Menge
step-no-price = kein Preis
step-listed = { $price } für { $per }
step-compared = ergibt { $price } für eines; es wurde verglichen
step-discount = { $percent } % weniger als der Preis
step-entry = Eintrag { $ordinal }: { $price } für { $per } { $unit } ab { $least }
on-request = auf Anfrage

## Der Warenkorb
cart-title = Ihr Warenkorb
cart-title-returned = Zurückgegebener Warenkorb
cart-name = Warenkorb
cart-empty = Ihr Warenkorb ist leer.
cart-empty-text = Suchen Sie oben nach einem Artikel, oder blättern Sie im Katalog, und legen Sie hinein, was Sie brauchen.
cart-emptied = Sie haben alle Positionen entfernt.
cart-emptied-text = Legen Sie andere Artikel hinein, oder geben Sie den leeren Warenkorb zurück: { $via } löscht dann seine Positionen. „Zurück ohne Artikel“ lässt sie, wie sie sind.
cart-no-lines = Dieser Warenkorb hat keine Positionen.
cart-no-lines-text = Es gibt nichts anzusehen. Gehen Sie zurück zu { $via }.
browse = Im Katalog blättern
cart-changed = Etwas hat sich geändert, seit diese Positionen im Warenkorb sind.
cart-changed-text = Die betroffenen Positionen sind markiert. Was Sie zurückgeben, hat die Preise und die Verfügbarkeit von heute.
lines-label = Positionen
lines-of-cart = Positionen des Warenkorbs
column-product = Artikel
column-quantity = Menge
column-price = Preis
column-amount = Betrag
save-quantities = Mengen speichern
remove = Entfernen
remove-product = { $product } entfernen
total = Summe
total-text = Die Summe der gerundeten Positionen, ohne Steuer und Fracht.
cart-valid = Die Preise gelten bis <strong>{ $until }</strong>, sobald Sie den Warenkorb zurückgeben.
return-cart-to = Warenkorb an { $via } zurückgeben
return-cart-to-text = Damit ist noch nichts bestellt: { $via } übernimmt den Warenkorb als Bedarfsanforderung.
preview-title = Was { $via } erhält
preview-label = Was das System des Einkäufers erhält
column-part = Artikelnummer
column-description = Beschreibung
column-unit = Einheit
column-unit-price = Einzelpreis
column-classification = Klassifikation
unit-of = Einheit von { $product }
cart-fit = { $quantity } × { $unit } daraus machen
change-stock = Versand
change-stock-why = Der Lieferant kann später versenden, als angezeigt war, als die Position in den Warenkorb kam.
ships-unknown = kein Tag bekannt
change-price = Preis
change-price-why = Die Konditionen des Lieferanten haben sich geändert, seit die Position im Warenkorb ist.
change-impossible = Nicht möglich
problem-unknown-part = Dieser Artikel ist nicht mehr im Katalog; entfernen Sie die Position.
problem-price-on-request = Es gibt keinen Preis dafür; fragen Sie den Lieferanten, oder entfernen Sie die Position.
problem-unit-word = Das Beschaffungssystem hat keinen Code für diese Einheit; wählen Sie eine andere.
problem-currency = Der Preis ist in einer anderen Währung als bei den Positionen davor; geben Sie die Position getrennt zurück.
problem-not-positive = Die Menge muss größer als null sein.
problem-minimum = Die kleinste Menge ist { $minimum } { $unit }; es fehlen noch { $missing }.
problem-multiple = Die Menge muss ein Vielfaches von { $multiple } { $unit } sein.
problem-decimals = { $unit } erlaubt höchstens { $decimals } Nachkommastellen.
problem-unit-not-sold = In dieser Einheit wird der Artikel nicht verkauft.
problem-not-sold = Der Artikel kann zurzeit nicht bestellt werden; entfernen Sie die Position.
problem-not-in-assortment = Der Artikel ist nicht im Sortiment Ihres Unternehmens; entfernen Sie die Position.
problem-agreement = Von Ihrer Vereinbarung sind nur noch { $left } { $unit } übrig.
problem-blocked = Ihr Kundenkonto ist gesperrt; fragen Sie Ihren Kontakt beim Lieferanten.
unchanged = Der Warenkorb wurde nicht geändert
unchanged-read-only = Dieser Besuch ist nur zum Ansehen.
unchanged-quantity = Die Menge muss eine Zahl größer als null sein, mit Punkt oder Komma vor den Nachkommastellen.
unchanged-part = In dieser Einheit wird der Artikel nicht verkauft.
unchanged-full = Der Warenkorb hat so viele Positionen, wie das System des Einkäufers annimmt; geben Sie ihn zurück, und beginnen Sie einen neuen.
unchanged-gone = Diese Position ist nicht mehr im Warenkorb.
not-yet-prices = Preise haben sich geändert, darum wurde der Warenkorb noch nicht zurückgegeben.
not-yet-prices-text = Die markierten Positionen haben neue Preise. Geben Sie den Warenkorb noch einmal zurück, um sie anzunehmen.
cart-below-minimum = Die kleinste Bestellung ist { $minimum }; es fehlen noch { $missing }.
not-yet-minimum = Der Warenkorb ist kleiner als die kleinste Bestellung.
not-yet-minimum-text = Neben der Summe steht, was fehlt. Legen Sie etwas dazu, und geben Sie den Warenkorb dann zurück.
not-yet-lines = So kann der Warenkorb nicht zurückgegeben werden.
not-yet-lines-text = Die markierten Positionen sagen, was im Wege steht. Ändern oder entfernen Sie sie, und geben Sie den Warenkorb dann zurück.
confirm-empty = Einen leeren Warenkorb zurückgeben?
confirm-empty-warning = { $via } wird die Positionen dieses Warenkorbs löschen.
confirm-empty-warning-text = Sie haben hier jede einzelne entfernt.
confirm-empty-do = Positionen löschen und zurückgeben
confirm-empty-back = Zurück zum Warenkorb
confirm-empty-hint = „Zurück ohne Artikel“ oben lässt die Positionen in { $via }, wie sie sind.

## Wiederkommen
shop-nav = Einkauf
since-title = Geändert seit Ihrem letzten Einkauf
since-count = { $count ->
    [one] { $count } Änderung
   *[other] { $count } Änderungen
}
since-price = Der Preis war { $was } und ist jetzt { $now }.
since-gone = Der Artikel kann nicht mehr bestellt werden.
since-out = Der Artikel war auf Lager und ist es jetzt nicht.
since-out-until = Der Artikel war auf Lager; jetzt wird er am { $day } versandt.
since-back = Der Artikel ist wieder auf Lager.
again-title = Noch einmal kaufen
again-day = gekauft am { $day }
again-add = { $quantity } × { $unit } hinzufügen: { $product }
again-add-short = { $quantity } × { $unit } hinzufügen
favourites = Favoriten
favourites-open = Alle Favoriten
categories-title = Warengruppen
not-orderable = Zurzeit nicht bestellbar
not-in-catalogue = Nicht mehr im Katalog
ordered = Der Warenkorb enthält es jetzt
ordered-text = Alles, was bestellt werden kann, wurde hineingelegt.
ordered-cut = Nicht alle Zeilen wurden übernommen
ordered-cut-text = Es kamen mehr Zeilen, als auf einmal übernommen werden: Die ersten sind im Warenkorb, schicken Sie den Rest noch einmal.
ordered-partly = Einige Artikel blieben draußen
ordered-partly-text = Was bestellt werden kann, ist im Warenkorb; die Liste sagt, was zurzeit nicht zu haben ist.
lists-title = Ihre Listen
lists-nobody = Für Listen muss bekannt sein, wer Sie sind
lists-nobody-text = { $via } sagt nicht, wer hier einkauft, darum kann nichts für Sie aufbewahrt werden. Schnellbestellung und Warenkorb gehen trotzdem.
lists-empty = Sie haben noch keine Listen.
lists-empty-text = Bewahren Sie auf, was Sie oft bestellen: Legen Sie hier eine Liste an, oder setzen Sie einen Artikel von seiner Seite aus auf eine.
list-make-title = Neue Liste
list-make = Liste anlegen
list-name = Name der Liste
list-order = Alles bestellen
list-orderable = Artikel zu bestellen
list-empty = Auf dieser Liste ist noch nichts.
list-empty-text = Öffnen Sie einen Artikel, und wählen Sie „Auf eine Liste setzen“.
list-lines = Artikel auf der Liste
list-rename = Name
list-rename-do = Umbenennen
list-delete = Diese Liste löschen
list-delete-hint = Die Liste ist dann weg; Artikel und Warenkörbe bleiben, wie sie sind.
list-new-choice = Eine neue Liste
list-new-name = Name einer neuen Liste
list-made = Die Liste ist angelegt
list-made-text = Setzen Sie Artikel von deren Seiten aus darauf.
list-kept = Auf Ihre Liste gesetzt
list-kept-text = Sie finden es unter „Ihre Listen“.
list-taken-off = Von der Liste genommen
list-taken-off-text = Der Artikel bleibt im Katalog.
list-renamed = Die Liste hat ihren neuen Namen
list-renamed-text = Was darauf ist, bleibt, wie es war.
list-deleted = Die Liste ist gelöscht
list-deleted-text = Artikel und Warenkörbe bleiben, wie sie sind.
list-saved = Mengen gespeichert
list-saved-text = Sie werden von jetzt an mit der Liste bestellt.
list-unchanged = Die Liste wurde nicht geändert
list-refused-name = Eine Liste braucht einen Namen mit höchstens 80 Zeichen.
list-refused-many = Sie haben so viele Listen, wie aufbewahrt werden; löschen Sie zuerst eine.
list-refused-full = Die Liste ist voll; beginnen Sie eine andere.
list-refused-gone = Diese Liste gibt es nicht mehr.
list-refused-product = Dieser Artikel wird in dieser Einheit nicht mehr verkauft.
error-no-list = Diese Liste ist nicht da
error-no-list-text = Sie wurde gelöscht oder gehört jemand anderem. Ihre Listen stehen unter „Ihre Listen“.
keep-label = Aufbewahren und vergleichen
keep-on-list = Auf eine Liste setzen
keep-do = Aufbewahren
favourite-on = Zu den Favoriten
favourite-off = Aus den Favoriten nehmen
cart-keep = Diesen Warenkorb als Liste aufbewahren
cart-keep-do = Als Liste aufbewahren

## Schnellbestellung
quick-title = Schnellbestellung
quick-paste = Artikelnummern und Mengen
quick-hint = Ein Artikel je Zeile: Nummer, Menge, auf Wunsch die Einheit; dazwischen Leerzeichen, Tabulatoren, Kommas oder Semikolons. Unsere Nummern, Ihre, die der Hersteller und GTINs sind bekannt; höchstens { $count } Zeilen.
quick-file = Oder eine CSV-Datei
quick-match = Nachschlagen
quick-again = Andere Zeilen nachschlagen
quick-report = Was gefunden wurde
quick-found = { $count } gefunden
quick-corrected = { $count } berichtigt
quick-missing = { $count } nicht gefunden oder nicht möglich
quick-cut = Nur die ersten { $count } Zeilen wurden nachgeschlagen; schicken Sie den Rest danach.
quick-line = Zeile
quick-written = Wie geschrieben
quick-result = Ergebnis
quick-total = Zusammen { $total }
quick-add = { $count ->
    [one] { $count } Zeile in den Warenkorb legen
   *[other] { $count } Zeilen in den Warenkorb legen
}
quick-right = Gefunden
quick-mended = Berichtigt
quick-least = Es war keine Menge angegeben; die kleinste, { $quantity }, wurde genommen.
quick-raised = Erhöht auf { $quantity }, die nächste Menge, die verkauft wird.
quick-unit = In jener Einheit nicht verkauft; { $unit } wurde genommen.
quick-not-found = Nicht gefunden
quick-ambiguous = Mehrere Artikel haben diese Nummer; suchen Sie stattdessen mit dem Namen des Herstellers
quick-not-orderable = Zurzeit nicht bestellbar
quick-no-quantity = Die Menge ist keine Zahl größer als null
quick-unclear = Das kann eins oder tausend sein; schreiben Sie es ohne Trennzeichen
quick-nothing = Es gab nichts nachzuschlagen; fügen Sie Zeilen ein, oder wählen Sie eine Datei.
quick-too-large = Das ist mehr, als auf einmal nachgeschlagen wird; schicken Sie es in Teilen.
quick-unreadable = Was geschickt wurde, konnte nicht gelesen werden; versuchen Sie es noch einmal, oder fügen Sie die Zeilen ein.

## Vergleichen
compare-title = Vergleich
compare-start = Mit anderen vergleichen
compare-these = Vergleichen
compare-add = Nummer eines weiteren Artikels
compare-do = Vergleichen
compare-full = Höchstens { $count } Artikel stehen nebeneinander.
compare-unknown = Kein Artikel hat die Nummer { $number }.
compare-empty = Noch nichts zu vergleichen.
compare-empty-text = Geben Sie unten die Nummer eines Artikels ein, oder beginnen Sie auf der Seite eines Artikels.
least-quantity = Kleinste Menge
yes = ja
no = nein

## Die Ränder eines Besuchs
start-title = Einkauf beginnen
start-welcome = Willkommen, { $buyer }
start-welcome-text = { $via } hat Sie hierher geschickt, um zu den Preisen Ihres Vertrags einzukaufen. Was Sie in den Warenkorb legen, geht dorthin zurück.
start-continue = Weiter zum Katalog
start-once = Dieser Link öffnet sich einmal.
test-tag = TEST
back-to = Zurück zu { $via }
back-cart = Ihr Warenkorb geht zurück an { $via }
back-nothing = Es werden keine Artikel zurückgegeben. Was { $via } schon hat, bleibt, wie es ist.
back-continue = Weiter zu { $via }
back-again = Wenn nichts von selbst geschieht, drücken Sie den Knopf. Er kann zehn Minuten lang noch einmal gedrückt werden.
closed-ended = Dieser Besuch ist vorbei
closed-ended-text = Der Warenkorb wurde zurückgegeben, oder der Besuch wurde ohne Artikel verlassen. Um wieder einzukaufen, beginnen Sie in Ihrem Beschaffungssystem.
closed-expired = Die Zeit dieses Besuchs ist abgelaufen
closed-expired-text = Ein Besuch ist nur begrenzte Zeit offen. Gehen Sie in Ihr Beschaffungssystem zurück, und beginnen Sie neu; ein Warenkorb, den Sie vorher zurückgegeben haben, ist dort sicher.
closed-used = Dieser Link wurde schon benutzt
closed-used-text = Ein Startlink öffnet sich ein einziges Mal, damit ihn niemand sonst benutzen kann. Gehen Sie in Ihr Beschaffungssystem zurück, und beginnen Sie neu.
closed-superseded = Es gibt einen neueren Besuch
closed-superseded-text = Sie haben in Ihrem Beschaffungssystem neu begonnen, und jener Besuch ist an die Stelle dieses getreten. Machen Sie im neueren Fenster weiter, oder beginnen Sie noch einmal.
closed-not-available = Diesen Besuch gibt es nicht
closed-not-available-text = Unter dieser Adresse ist kein Besuch, oder er ist vorbei. Gehen Sie in Ihr Beschaffungssystem zurück, und beginnen Sie neu.
closed-back = Zurück zu Ihrem Beschaffungssystem
error-status = Fehler { $status }
error-reference = Wenn Sie um Hilfe bitten, nennen Sie diese Kennung:
error-failed = Hier ist etwas schiefgegangen
error-failed-text = Es wurde nichts geändert. Gehen Sie zurück, und versuchen Sie es gleich noch einmal; Ihr Warenkorb ist sicher.
error-forged = Dieser Schritt wurde nicht ausgeführt
error-forged-text = Das Formular kam nicht von einer Seite dieses Besuchs. Öffnen Sie die Seite noch einmal, und wiederholen Sie den Schritt.
error-no-way-back = Es gibt keinen Weg zurück
error-no-way-back-text = Das Beschaffungssystem hat keine Adresse genannt, an die der Warenkorb zurückgehen könnte. Schließen Sie dieses Fenster, und machen Sie dort weiter; sagen Sie seinen Administratoren, dass BrowserFormPost fehlte.
error-too-many = Einen Moment, bitte
error-too-many-text = { $seconds ->
    [one] Aus Ihrem Netz kamen zu viele Anfragen. Machen Sie in { $seconds } Sekunde weiter.
   *[other] Aus Ihrem Netz kamen zu viele Anfragen. Machen Sie in { $seconds } Sekunden weiter.
}
error-no-category = Diese Warengruppe ist nicht im Katalog
error-no-category-text = Diese Warengruppe gibt es nicht mehr. Gehen Sie zurück, und wählen oder suchen Sie eine andere.
error-no-product = Dieser Artikel ist nicht im Katalog
error-no-product-text = Diesen Artikel gibt es nicht mehr. Gehen Sie zurück, und suchen Sie einen anderen.
