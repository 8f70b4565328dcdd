# The shop and the pages of a visit, in English. A key ending in -text belongs to the title before it.

## Around every page
skip = Skip to the content
keys-title = Keys
keys-search = Search
keys-move = Next and previous entry of a list; then the arrows, too
keys-open = Open the entry
keys-leave = Leave a field, close this list
keys-list = This list
keys-close = Close
copy = Copy { $text }
copied = Copied.
copy-refused = Copying was not allowed.
faults-title = Please look at this again.
paging-label = Pages of the list
paging-none = Nothing to show.
paging-range = { $first } to { $last } of { $total }
paging-previous = Previous page
paging-next = Next page

ago-seconds = { $count } s ago
ago-minutes = { $count } min ago
ago-hours = { $count } h ago
ago-days = { $count ->
    [one] { $count } day ago
   *[other] { $count } days ago
}
in-seconds = in { $count } s
in-minutes = in { $count } min
in-hours = in { $count } h
in-days = { $count ->
    [one] in { $count } day
   *[other] in { $count } days
}

## Prices and units
price-each = each
price-per-unit = / { $unit }
price-per-pieces = / { $quantity }
price-per-units = / { $quantity } { $unit }
price-makes-each = { $sign } { $amount } each
price-makes-per-unit = { $sign } { $amount } / { $unit }
price-on-request = Price on request
unit-holds = { $unit } of { $quantity }
unit-EA = each
unit-PR = pair
unit-DZN = dozen
unit-CEN = hundred
unit-GRO = gross
unit-MIL = thousand
unit-SET = set
unit-KT = kit
unit-BX = box
unit-CS = case
unit-CT = carton
unit-PK = package
unit-PA = packet
unit-BG = bag
unit-BE = bundle
unit-BO = bottle
unit-CA = can
unit-DR = drum
unit-PL = pail
unit-JR = jar
unit-TU = tube
unit-RO = roll
unit-RL = reel
unit-SO = spool
unit-ST = sheet
unit-PX = pallet
unit-MMT = millimetre
unit-CMT = centimetre
unit-MTR = metre
unit-KMT = kilometre
unit-INH = inch
unit-FOT = foot
unit-YRD = yard
unit-MTK = square metre
unit-INK = square inch
unit-FTK = square foot
unit-YDK = square yard
unit-MLT = millilitre
unit-LTR = litre
unit-MTQ = cubic metre
unit-FTQ = cubic foot
unit-GLL = gallon (US)
unit-GLI = gallon (UK)
unit-QT = quart (US)
unit-PT = pint (US)
unit-OZA = fluid ounce (US)
unit-MGM = milligram
unit-GRM = gram
unit-KGM = kilogram
unit-TNE = tonne
unit-ONZ = ounce
unit-LBR = pound
unit-SEC = second
unit-MIN = minute
unit-HUR = hour
unit-DAY = day
unit-WEE = week
unit-MON = month
unit-ANN = year
unit-KWH = kilowatt hour
unit-LS = lump sum
unit-E48 = service unit
unit-E51 = job
unit-ACT = activity

## Stock
stock-here = In stock
stock-here-from = In stock in { $from }
stock-ships = In stock, ships on { $day }
stock-ships-from = In stock, ships on { $day } from { $from }
stock-quantity = { $quantity } in stock
stock-quantity-from = { $quantity } in stock in { $from }
stock-quantity-ships = { $quantity } in stock, ships on { $day }
stock-quantity-ships-from = { $quantity } in stock, ships on { $day } from { $from }
stock-part-by = { $quantity } in stock, the rest by { $day }
stock-part = { $quantity } in stock, the rest later
stock-none-by = Not in stock, expected by { $day }
stock-none = Not in stock
stock-unknown = Availability on request

## The frame of the shop
test-band = TEST CONNECTION: nothing ordered here will be delivered
search-label = Search the catalogue
search-hint = Name or part number
search-button = Search
cart-lines-label = Cart, lines:
return-cart = Return cart
visit-label = This visit
visit-line = Shopping for <strong>{ $buyer }</strong>, via { $via }, until { $until }
leave-without = Back without items
leave-inspect = Back to { $via }
theme-switch = Switch between light and dark
keys-show = Show the keys
language-label = Language
inspect-title = You are looking at a cart that was returned earlier.
inspect-title-text = Nothing can be changed in this visit. To change it, open it for editing in { $via }.
added = Added to your cart
added-text = Go on shopping, or open the cart to return it.

## Home
home-title = Catalogue
home-count = { $count ->
    [one] { $count } product at the terms of { $buyer }
   *[other] { $count } products at the terms of { $buyer }
}
home-empty = There is nothing to buy here yet.
home-empty-text = No product is in the contract of { $buyer }. Go back without items and ask your contact at { $brand }.
products-count = { $count ->
    [one] { $count } product
   *[other] { $count } products
}

## Categories and search
crumbs-label = Where you are
below-label = Categories below
category-empty = No product of this category is in your contract.
category-empty-text = Look in another category, or search for a name or part number above.
search-title = Search
search-title-for = Search: { $query }
search-results = Results for “{ $query }”
search-found = { $count ->
    [one] { $count } found
   *[other] { $count } found
}
search-categories = Matching categories
search-start = What are you looking for?
search-start-text = Type a name, our part number, the manufacturer's or your own into the field above.
search-nothing = Nothing in your contract matches these words.
search-nothing-text = Try fewer words or a part number without blanks, or browse the <a href="{ $home }">catalogue</a>.
narrow-label = Narrow down
chosen-label = What you chose
chosen-remove = Remove { $name } { $value }
chosen-clear = Remove all
view-label = Form of the list
view-list = List
view-grid = Grid
order-label = Order of the list
order-fit = Best match
order-name = By name
value-yes = Yes
value-no = No
narrowed-empty = Nothing is left with these choices.
narrowed-empty-text = Remove one of them above.
search-instead = Nothing is called “{ $typed }”; these are results for “{ $used }”.
search-unknown = Nothing in your contract has the word “{ $word }”.
search-unknown-text = Look at how it is written, leave it out, or browse the <a href="{ $home }">catalogue</a>.
search-apart = Nothing in your contract has all of these words.
search-apart-text = Each of them alone finds something:
results-beyond = Only the first { $count } can be paged through; narrow the list down to see the others.
search-preparing = The search is being prepared.
search-preparing-text = It is there in a minute; load the page again then.

## Products
number-ours = Our number
number-yours = Your number
manufacturer = Manufacturer
number-makers = Manufacturer's number
number-gtin = GTIN
documents-title = Documents
substitutes-title = Can be bought instead
related-title = Goes with it
related-accessory = Accessory
related-spare = Spare part
related-ratio = { $ratio } of it replace one.
related-cheaper = { $percent } % cheaper.
related-dearer = { $percent } % dearer.
related-same-price = At the same price.
related-pack = Sold as { $unit } instead of { $other }.
related-maker = Made by { $maker } instead of { $other }.
related-attribute = { $name }: { $value } instead of { $other }.
breaks-price = Price / { $unit }
price-until = This price holds until { $day } as far as is known.
attributes-title = Attributes
price-side = Price and availability
price-title = Price
unit-label = Unit
price-missing-text = This product has no price in your contract. Ask your contact at { $brand } for one.
add-to-cart = Add to cart
add-short = Add
add-product = Add { $product } to the cart
quantity-less = Less of { $product }
quantity-more = More of { $product }
quantity-of = Quantity of { $product }
least-and-steps = At least { $least }, in steps of { $step }
steps-of = In steps of { $step }
in-cart = { $quantity } in your cart
in-cart-long = Your cart has { $quantity } of it. <a href="{ $cart }">Open the cart</a>
breaks-title = Price by quantity
breaks-from = From
why-title = Why this price
why-steps = Every step
warehouses-title = Availability by warehouse
warehouse = Warehouse
availability = Availability
why-agreement = The price comes from your agreement { $list }.
why-account = The price comes from your contract { $list }.
why-inherited = The price comes from the contract { $list } of your company's head account.
why-group = The price comes from the list { $list } of your customer group.
why-promotion = It is the price of the promotion { $list }.
why-default = The price comes from the general list { $list }.
why-list-price = It is the list price; no contract has another one.
why-none = There is no price; it is given on request.
why-from = It holds from { $quantity } { $unit } on, as of { $day }.
why-day = It is the price of { $day }.
step-list-price = List price
step-not-priced = no entry, and no price then
step-not-for-this = passed over: for other addresses, or to be named by the order
step-exceeded = passed over: only { $left } left
step-rule = rule { $position }: { $price } from { $least }
step-agreement = line { $line }: { $price } for { $per } { $unit }
step-promotion = { $price } instead
step-below = from { $least } on; in the cart are { $quantity }
step-not-lower = { $price } would not be lower
step-currency = passed over: another currency
step-not-valid = passed over: not valid on this day
step-no-entry = no entry for this product and quantity
step-no-price = no price
step-listed = { $price } for { $per }
step-compared = comes to { $price } for one; it was compared
step-discount = { $percent } % off the price
step-entry = entry { $ordinal }: { $price } for { $per } { $unit } from { $least }
on-request = on request

## The cart
cart-title = Your cart
cart-title-returned = Returned cart
cart-name = Cart
cart-empty = Your cart is empty.
cart-empty-text = Search for a product above or browse the catalogue, and add what you need.
cart-emptied = You removed every line.
cart-emptied-text = Add other products, or return the empty cart: { $via } then deletes its lines. “Back without items” leaves them as they are.
cart-no-lines = This cart has no lines.
cart-no-lines-text = There is nothing to look at. Go back to { $via }.
browse = Browse the catalogue
cart-changed = Something changed since these lines were put in the cart.
cart-changed-text = The lines concerned are marked. What you return has today's prices and availability.
lines-label = Lines
lines-of-cart = Lines of the cart
column-product = Product
column-quantity = Quantity
column-price = Price
column-amount = Amount
save-quantities = Save quantities
remove = Remove
remove-product = Remove { $product }
total = Total
total-text = The sum of the rounded lines, without tax and freight.
cart-valid = The prices hold until <strong>{ $until }</strong> once you return the cart.
return-cart-to = Return cart to { $via }
return-cart-to-text = Nothing is ordered yet: { $via } takes the cart as a requisition.
preview-title = What { $via } receives
preview-label = What the buyer's system receives
column-part = Part number
column-description = Description
column-unit = Unit
column-unit-price = Unit price
column-classification = Classification
unit-of = Unit of { $product }
cart-fit = Make it { $quantity } × { $unit }
change-stock = Shipping
change-stock-why = The supplier can ship it later than was shown when it was put in the cart.
ships-unknown = no day known
change-price = Price
change-price-why = The supplier's terms changed since the line was put in the cart.
change-impossible = Not possible
problem-unknown-part = This part is not in the catalogue any more; remove the line.
problem-price-on-request = There is no price for it; ask the supplier, or remove the line.
problem-unit-word = The procurement system has no code for this unit; choose another unit.
problem-currency = Its price is in another currency than the lines before; return it apart.
problem-not-positive = The quantity must be more than zero.
problem-minimum = The least quantity is { $minimum } { $unit }; { $missing } more are missing.
problem-multiple = The quantity must be a multiple of { $multiple } { $unit }.
problem-decimals = { $unit } takes { $decimals } digits after the point, no more.
problem-unit-not-sold = It is not sold in this unit.
problem-not-sold = It cannot be ordered at present; remove the line.
problem-not-in-assortment = It is not in the assortment of your company; remove the line.
problem-agreement = Of your agreement only { $left } { $unit } are left.
problem-blocked = Your customer account is blocked; ask your contact at the supplier.
unchanged = The cart was not changed
unchanged-read-only = This visit is for looking only.
unchanged-quantity = The quantity must be a number more than zero, with a point or comma before decimals.
unchanged-part = This item is not sold in this unit.
unchanged-full = The cart holds as many lines as the buyer's system takes; return it and start another.
unchanged-gone = This line is not in the cart any more.
not-yet-prices = Prices changed, so the cart was not returned yet.
not-yet-prices-text = The marked lines have new prices. Return the cart again to take them.
cart-below-minimum = The smallest order is { $minimum }; { $missing } more are missing.
not-yet-minimum = The cart is less than the smallest order.
not-yet-minimum-text = Beside the total stands what is missing. Add something, then return the cart.
not-yet-lines = The cart cannot be returned like this.
not-yet-lines-text = The marked lines say what stands in the way. Change or remove them, then return the cart.
confirm-empty = Return an empty cart?
confirm-empty-warning = { $via } will delete the lines of this cart.
confirm-empty-warning-text = You removed every one of them here.
confirm-empty-do = Delete the lines and return
confirm-empty-back = Back to the cart
confirm-empty-hint = “Back without items” at the top leaves the lines in { $via } as they are.

## Coming again
shop-nav = Shop
since-title = Changed since you bought it last
since-count = { $count ->
    [one] { $count } change
   *[other] { $count } changes
}
since-price = The price was { $was } and is { $now } now.
since-gone = It cannot be ordered any more.
since-out = It was in stock, and is not now.
since-out-until = It was in stock; now it ships on { $day }.
since-back = It is in stock again.
again-title = Buy again
again-day = bought { $day }
again-add = Add { $quantity } × { $unit } of { $product } to the cart
again-add-short = Add { $quantity } × { $unit }
favourites = Favourites
favourites-open = All favourites
categories-title = Categories
not-orderable = Cannot be ordered at present
not-in-catalogue = Not in the catalogue any more
ordered = The cart has it now
ordered-text = Everything that can be ordered was put in the cart.
ordered-cut = Not all lines were taken
ordered-cut-text = More lines were sent than are taken at once: the first of them are in the cart, send the rest again.
ordered-partly = Some products were left out
ordered-partly-text = What can be ordered is in the cart; the list says what cannot be had at present.
lists-title = Your lists
lists-nobody = Lists need to know who you are
lists-nobody-text = { $via } does not say who shops here, so that nothing can be kept for you. Quick order and the cart work all the same.
lists-empty = You have no lists yet.
lists-empty-text = Keep what you order often: make a list here, or put a product on one from its page.
list-make-title = New list
list-make = Make the list
list-name = Name of the list
list-order = Order everything
list-orderable = Products to order
list-empty = Nothing is on this list yet.
list-empty-text = Open a product and choose “Keep on a list”.
list-lines = Products on the list
list-rename = Name
list-rename-do = Rename
list-delete = Delete this list
list-delete-hint = The list is gone then; products and carts stay as they are.
list-new-choice = A new list
list-new-name = Name of a new list
list-made = The list is made
list-made-text = Put products on it from their pages.
list-kept = Kept on your list
list-kept-text = You find it under “Your lists”.
list-taken-off = Taken off the list
list-taken-off-text = The product stays in the catalogue.
list-renamed = The list has its new name
list-renamed-text = What is on it stays as it was.
list-deleted = The list is deleted
list-deleted-text = Products and carts stay as they are.
list-saved = Quantities saved
list-saved-text = They are ordered with the list from now on.
list-unchanged = The list was not changed
list-refused-name = A list needs a name of at most 80 characters.
list-refused-many = You have as many lists as are kept; delete one first.
list-refused-full = The list is full; begin another one.
list-refused-gone = There is no such list any more.
list-refused-product = This product is not sold in this unit any more.
error-no-list = This list is not there
error-no-list-text = It was deleted, or belongs to somebody else. Your lists are under “Your lists”.
keep-label = Keep and compare
keep-on-list = Keep on a list
keep-do = Keep
favourite-on = Add to favourites
favourite-off = Remove from favourites
cart-keep = Keep this cart as a list
cart-keep-do = Keep as a list

## Quick order
quick-title = Quick order
quick-paste = Part numbers and quantities
quick-hint = One product a line: number, quantity, unit if you like; blanks, tabs, commas or semicolons between them. Our numbers, yours, the manufacturer's and GTINs are known; at most { $count } lines.
quick-file = Or a CSV file
quick-match = Look them up
quick-again = Look up other lines
quick-report = What was found
quick-found = { $count } found
quick-corrected = { $count } corrected
quick-missing = { $count } not found or not possible
quick-cut = Only the first { $count } lines were looked up; send the rest after them.
quick-line = Line
quick-written = As written
quick-result = Result
quick-total = { $total } in all
quick-add = { $count ->
    [one] Put { $count } line in the cart
   *[other] Put { $count } lines in the cart
}
quick-right = Found
quick-mended = Corrected
quick-least = No quantity was given; the least one, { $quantity }, was taken.
quick-raised = Raised to { $quantity }, the next quantity that is sold.
quick-unit = Not sold in that unit; { $unit } was taken.
quick-not-found = Not found
quick-ambiguous = Several products have this number; write the manufacturer's name in the search instead
quick-not-orderable = Cannot be ordered at present
quick-no-quantity = The quantity is no number more than zero
quick-unclear = This may be one or a thousand; write it without a separator
quick-nothing = There was nothing to look up; paste some lines or choose a file.
quick-too-large = That is more than is looked up at once; send it in parts.
quick-unreadable = What was sent could not be read; try again, or paste the lines.

## Comparing
compare-title = Compare
compare-start = Compare with others
compare-these = Compare them
compare-add = Number of another product
compare-do = Compare
compare-full = { $count } products stand beside each other at most.
compare-unknown = No product has the number { $number }.
compare-empty = Nothing to compare yet.
compare-empty-text = Type the number of a product below, or begin on a product's page.
least-quantity = Least quantity
yes = yes
no = no

## The edges of a visit
start-title = Start shopping
start-welcome = Welcome, { $buyer }
start-welcome-text = { $via } sent you here to shop at the prices of your contract. What you put in the cart goes back there.
start-continue = Continue to the catalogue
start-once = This link opens once.
test-tag = TEST
back-to = Back to { $via }
back-cart = Your cart goes back to { $via }
back-nothing = No items are returned. What { $via } has already stays as it is.
back-continue = Continue to { $via }
back-again = If nothing happens by itself, press the button. It can be pressed again within ten minutes.
closed-ended = This visit is over
closed-ended-text = The cart was returned, or the visit was left without items. To shop again, start from your procurement system.
closed-expired = This visit has run out of time
closed-expired-text = A visit is open for a limited time only. Go back to your procurement system and start again; a cart that you returned before is safe there.
closed-used = This link was used already
closed-used-text = A start link opens one time, so that nobody else can use it. Go back to your procurement system and start again.
closed-superseded = There is a newer visit
closed-superseded-text = You started again from your procurement system, and that visit took the place of this one. Go on in the newer window, or start once more.
closed-not-available = This visit is not available
closed-not-available-text = There is no visit at this address, or it is over. Go back to your procurement system and start again.
closed-back = Back to your procurement system
error-status = Error { $status }
error-reference = When you ask for help, name this reference:
error-failed = Something went wrong here
error-failed-text = Nothing was changed. Go back and try again in a moment; your cart is safe.
error-forged = This step was not taken
error-forged-text = The form did not come from a page of this visit. Open the page again and repeat the step.
error-no-way-back = There is no way back
error-no-way-back-text = The procurement system named no address that the cart could go back to. Close this window and go on there; tell its administrators that BrowserFormPost was missing.
error-too-many = A moment, please
error-too-many-text = { $seconds ->
    [one] Too many requests came from your network. Go on in { $seconds } second.
   *[other] Too many requests came from your network. Go on in { $seconds } seconds.
}
error-no-category = This category is not in the catalogue
error-no-category-text = There is no such category any more. Go back and choose or search for another.
error-no-product = This product is not in the catalogue
error-no-product-text = There is no such product any more. Go back and search for another.
